import { ShieldX } from 'lucide-react';
import { Link, Outlet } from 'react-router';
import { StateMessage } from '@/components/ui/StateMessage';
import { useSession } from '../api/session';

/** Shows its routes to administrators. The services refuse everyone else by themselves; this only says so beforehand. */
export function RequireAdmin() {
  if (useSession().data?.user?.role === 'admin') return <Outlet />;

  return (
    <div className="card">
      <title>For administrators · EnergyAspire</title>
      <StateMessage
        icon={ShieldX}
        title="This page is for administrators"
        action={
          <Link to="/" className="font-semibold text-accent underline underline-offset-4">
            To your devices
          </Link>
        }
      >
        If you should have access, ask whoever runs this installation to change your role.
      </StateMessage>
    </div>
  );
}
