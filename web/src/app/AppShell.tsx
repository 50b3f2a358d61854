import { Link, Outlet } from 'react-router';
import { Brand } from '@/components/Brand';
import { ConnectionBanner } from '@/components/ConnectionBanner';
import { ThemeMenu } from '@/components/ThemeMenu';
import { UserMenu } from '@/features/session/components/UserMenu';

/** What surrounds every page of somebody who is signed in. */
export function AppShell() {
  return (
    <>
      <a
        href="#content"
        className="absolute top-2 left-2 z-20 rounded-lg bg-accent px-4 py-2 font-semibold text-on-accent not-focus-visible:sr-only"
      >
        Skip to content
      </a>

      <header className="sticky top-0 z-10 border-b border-line bg-canvas/90 backdrop-blur">
        <div className="mx-auto flex h-16 max-w-7xl items-center gap-1 px-4 lg:px-8">
          <Link to="/" aria-label="EnergyAspire, to the start" className="mr-auto flex rounded-lg">
            <Brand />
          </Link>
          <ThemeMenu />
          <UserMenu />
        </div>
        <ConnectionBanner />
      </header>

      <main id="content" tabIndex={-1} className="mx-auto max-w-7xl px-4 pt-5 pb-16 outline-none lg:px-8 lg:pt-8">
        <Outlet />
      </main>
    </>
  );
}
