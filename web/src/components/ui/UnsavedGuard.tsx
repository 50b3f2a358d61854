import { useEffect } from 'react';
import { useBlocker } from 'react-router';
import { ConfirmDialog } from './Dialog';
import { hasUnsaved } from './unsaved';

/** Asks before a page with entries that aren't saved is left; see {@link useUnsaved}. A router takes one of these. */
export function UnsavedGuard() {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => currentLocation.pathname !== nextLocation.pathname && hasUnsaved(),
  );

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (hasUnsaved()) event.preventDefault();
    };
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, []);

  return (
    <ConfirmDialog
      open={blocker.state === 'blocked'}
      danger
      title="Leave without saving?"
      confirm="Discard changes"
      cancel="Stay"
      onCancel={() => blocker.reset?.()}
      onConfirm={() => blocker.proceed?.()}
    >
      <p>What you have changed on this page is not saved yet.</p>
    </ConfirmDialog>
  );
}
