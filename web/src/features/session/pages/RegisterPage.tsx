import { Link, Navigate, useSearchParams } from 'react-router';
import { useSession } from '../api/session';
import { RegisterForm } from '../components/RegisterForm';
import { SessionLayout } from '../components/SessionLayout';
import { returnTo } from '../returnTo';

export function Component() {
  const [params] = useSearchParams();
  const { data: session } = useSession();

  if (session?.user) return <Navigate to={returnTo(params.get('to'))} replace />;

  return (
    <SessionLayout title="Create an account" subtitle="Your meters appear once they are assigned to you.">
      <RegisterForm />
      <p className="mt-6 text-center text-sm text-ink-soft">
        You have one?{' '}
        <Link to={`/sign-in?${params}`} className="font-semibold text-accent underline underline-offset-4">
          Sign in
        </Link>
      </p>
    </SessionLayout>
  );
}
