import { CloudDownload, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useRouteError } from 'react-router';
import { Button } from '@/components/ui/Button';
import { StateMessage } from '@/components/ui/StateMessage';
import { isLoadFailure, isServerThere, mayReloadByItself, reloadPage } from '@/lib/loading';

/** Where there is no shell: the last resort. */
export const AppError = () => (
  <main className="grid min-h-dvh place-items-center">
    <PageError />
  </main>
);

/** In place of a page whose code did not come, or that broke while it was drawn. What is around it stays. */
export function PageError() {
  return isLoadFailure(useRouteError()) ? <NotLoaded /> : <Broken />;
}

const askEvery = 5_000;

/** Goes on by itself when the server is there again. */
function NotLoaded() {
  const [asking, setAsking] = useState(false);
  const [away, setAway] = useState(false);

  useEffect(() => {
    let left = false;
    const look = async () => {
      if (mayReloadByItself() && (await isServerThere()) && !left) reloadPage();
    };

    const hurry = () => void look();
    const timer = setInterval(hurry, askEvery);
    window.addEventListener('online', hurry);

    return () => {
      left = true;
      clearInterval(timer);
      window.removeEventListener('online', hurry);
    };
  }, []);

  async function tryAgain() {
    setAsking(true);
    if (await isServerThere()) reloadPage();
    else setAway(true);
    setAsking(false);
  }

  return (
    <StateMessage
      role="alert"
      tone="alert"
      icon={CloudDownload}
      title="This page could not be loaded"
      action={
        <Button busy={asking} onClick={() => void tryAgain()}>
          Try again
        </Button>
      }
    >
      {away ? 'The server still can’t be reached. ' : 'Your connection may be down, or the app has been updated meanwhile. '}
      It is tried again by itself every few seconds; pages that you have seen still open.
    </StateMessage>
  );
}

const Broken = () => (
  <StateMessage
    role="alert"
    tone="alert"
    icon={TriangleAlert}
    title="This page broke"
    action={<Button onClick={reloadPage}>Reload the page</Button>}
  >
    Your data are safe. The app may have been updated meanwhile; reloading usually helps.
  </StateMessage>
);
