import { Navigate, Outlet, useLocation } from 'react-router';
import { ErrorState } from '@/components/ui/ErrorState';
import { PageLoading } from '@/components/ui/PageLoading';
import { useLastError } from '@/lib/useLastError';
import { useSession } from '../api/session';
import { signInPath } from '../returnTo';

/** Shows its routes to somebody who is signed in, and sends everyone else to sign in and back. */
export function RequireSession() {
  const session = useSession();
  const error = useLastError(session);
  const { pathname, search } = useLocation();

  if (error) {
    return (
      <main className="grid min-h-dvh place-items-center p-6">
        <ErrorState error={error} retrying={session.isFetching} onRetry={() => void session.refetch()} />
      </main>
    );
  }

  if (!session.data) return <PageLoading />;

  if (!session.data.user) {
    return <Navigate to={session.data.ended === 'by-choice' ? '/sign-in' : signInPath(pathname + search)} replace />;
  }

  return <Outlet />;
}
