import { useEffect, useRef } from 'react';
import { Link, Outlet, useLocation } from 'react-router';
import { Brand } from '@/components/Brand';
import { ConnectionBanner } from '@/components/ConnectionBanner';
import { ThemeMenu } from '@/components/ThemeMenu';
import { Toaster } from '@/components/ui/Toaster';
import { UnsavedGuard } from '@/components/ui/UnsavedGuard';
import { announceAlert } from '@/features/alerts/announce';
import { AlertBell } from '@/features/alerts/components/AlertBell';
import { LiveConnection } from '@/features/live/LiveConnection';
import { useSession } from '@/features/session/api/session';
import { UserMenu } from '@/features/session/components/UserMenu';
import { BottomNavigation, TopNavigation } from './Navigation';

/** What surrounds every page of somebody who is signed in. */
export function AppShell() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  const session = useSession().data;

  useEffect(() => {
    if (shown.current === pathname) return;

    shown.current = pathname;
    // What led here may be gone with the page before; the focus goes on with this one.
    if (document.activeElement === document.body) main.current?.focus({ preventScroll: true });
  }, [pathname]);

  return (
    <>
      <a
        href="#content"
        className="absolute top-2 left-2 z-20 rounded-lg bg-accent px-4 py-2 font-semibold text-on-accent not-focus-visible:sr-only"
      >
        Skip to content
      </a>

      <header className="z-10 border-b print:hidden tall:sticky tall:top-0 border-line bg-canvas/90 backdrop-blur">
        <div className="mx-auto flex h-16 max-w-7xl items-center gap-1 px-4 lg:px-8">
          <Link to="/" aria-label="EnergyAspire, to the start" className="mr-auto flex rounded-lg lg:mr-8">
            <Brand />
          </Link>
          <TopNavigation />
          <span className="lg:mr-auto" />
          <AlertBell />
          <ThemeMenu />
          <UserMenu />
        </div>
        <ConnectionBanner />
        <LiveConnection onAlert={announceAlert} />
      </header>

      <main
        ref={main}
        id="content"
        tabIndex={-1}
        className="mx-auto max-w-7xl px-4 pt-5 pb-8 outline-none lg:px-8 lg:pt-8 print:p-0"
      >
        <Outlet />
      </main>

      <footer className="mx-auto max-w-7xl px-4 pb-20 text-xs text-ink-soft lg:px-8 lg:pb-6 print:hidden">
        EnergyAspire {session?.user && session.version}
      </footer>

      <BottomNavigation />
      <Toaster />
      <UnsavedGuard />
    </>
  );
}
