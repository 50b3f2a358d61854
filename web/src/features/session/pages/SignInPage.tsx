import { Navigate, useSearchParams } from 'react-router';
import { Brand } from '@/components/Brand';
import { Banner } from '@/components/ui/Banner';
import { useSession } from '../api/session';
import { DayCurve } from '../components/DayCurve';
import { SignInForm } from '../components/SignInForm';
import { returnTo } from '../returnTo';

export function Component() {
  const [search] = useSearchParams();
  const { data: session } = useSession();

  if (session?.user) return <Navigate to={returnTo(search.get('to'))} replace />;

  return (
    <div className="grid min-h-dvh max-lg:grid-rows-[auto_1fr] lg:grid-cols-[1fr_minmax(26rem,34rem)]">
      <title>Sign in · EnergyAspire</title>

      <aside
        className="relative flex flex-col overflow-hidden bg-[#07403d] px-6 pt-6 text-white max-lg:h-44 lg:p-12"
        aria-hidden="true"
      >
        <Brand inverse />
        <p className="mt-auto mb-10 max-w-md text-4xl leading-tight font-semibold tracking-tight text-balance max-lg:hidden">
          Every hour of your home’s energy, exactly as it was measured.
        </p>
        <DayCurve className="h-64 w-full max-lg:absolute max-lg:inset-x-6 max-lg:bottom-0 max-lg:h-20 max-lg:w-[calc(100%-3rem)]" />
      </aside>

      <main className="flex items-center justify-center p-6 max-lg:items-start max-lg:pt-10">
        <div className="w-full max-w-sm">
          <h1 className="text-3xl font-semibold tracking-tight">Sign in</h1>
          <p className="mt-2 mb-8 text-ink-soft">to see what your devices use.</p>

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
        </div>
      </main>
    </div>
  );
}
