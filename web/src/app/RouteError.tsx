import { TriangleAlert } from 'lucide-react';
import { Button } from '@/components/ui/Button';
import { StateMessage } from '@/components/ui/StateMessage';

/** The last resort: a page that broke while drawing, or whose code could not be fetched after an update. */
export function RouteError() {
  return (
    <main className="grid min-h-[60dvh] place-items-center">
      <StateMessage
        role="alert"
        tone="alert"
        icon={TriangleAlert}
        title="This page broke"
        action={<Button onClick={() => window.location.reload()}>Reload the page</Button>}
      >
        Your data are safe. The app may have been updated meanwhile; reloading usually helps.
      </StateMessage>
    </main>
  );
}
