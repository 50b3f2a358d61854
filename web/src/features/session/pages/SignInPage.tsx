import { Link, Navigate, useLocation, useSearchParams } from 'react-router';
import { Banner } from '@/components/ui/Banner';
import { useSession } from '../api/session';
import { SessionLayout } from '../components/SessionLayout';
import { SignInForm } from '../components/SignInForm';
import { returnTo } from '../returnTo';

export function Component() {
  const [params] = useSearchParams();
  const { search } = useLocation();
  const { data: session } = useSession();

  if (session?.user) return <Navigate to={returnTo(params.get('to'))} replace />;

  return (
    <SessionLayout title="Sign in" subtitle="to see what your devices use.">
      {session?.ended === 'expired' && (
        <Banner tone="info" className="mb-5">
          Your session has ended. Sign in again and you are back where you were.
        </Banner>
      )}
      {session?.ended === 'by-choice' && (
        <Banner tone="info" className="mb-5">
          You are signed out.
        </Banner>
      )}

      <SignInForm />

      <p className="mt-6 text-center text-sm text-ink-soft">
        No account yet?{' '}
        <Link to={`/register${search}`} className="font-semibold text-accent underline underline-offset-4">
          Create one
        </Link>
      </p>
    </SessionLayout>
  );
}
