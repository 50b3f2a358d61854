import { Compass } from 'lucide-react';
import { Link } from 'react-router';
import { StateMessage } from '@/components/ui/StateMessage';

export function NotFoundPage() {
  return (
    <>
      <title>Not found · EnergyAspire</title>
      <StateMessage
        icon={Compass}
        title="There is no such page"
        action={
          <Link to="/" className="font-semibold text-accent underline underline-offset-4">
            To your consumption
          </Link>
        }
      >
        The address may be mistyped, or the page has moved.
      </StateMessage>
    </>
  );
}
