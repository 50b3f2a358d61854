import { clsx } from 'clsx';
import { useEffect, useRef } from 'react';
import { NavLink, useLocation } from 'react-router';

interface Props {
  label: string;
  tabs: readonly { to: string; label: string; end?: boolean }[];
}

/** Links to pages that belong together, above each of them. */
export function Tabs({ label: name, tabs }: Props) {
  const { pathname } = useLocation();
  const nav = useRef<HTMLElement>(null);

  // On a phone the tabs are wider than the screen.
  useEffect(() => {
    // Only the tabs: to scroll into view would scroll the page too.
    function show() {
      const tab = nav.current?.querySelector<HTMLElement>('[aria-current=page]');
      if (nav.current && tab) nav.current.scrollLeft = tab.offsetLeft - (nav.current.clientWidth - tab.offsetWidth) / 2;
    }

    show();
    window.addEventListener('resize', show);

    return () => window.removeEventListener('resize', show);
  }, [pathname]);

  return (
    <nav
      ref={nav}
      aria-label={name}
      className="relative -mx-4 mb-6 flex gap-1 overflow-x-auto border-b border-line px-4 [scrollbar-width:none]"
    >
      {tabs.map(({ to, label, end = false }) => (
        <NavLink
          key={to}
          to={to}
          end={end}
          className={({ isActive }) =>
            clsx(
              '-mb-px flex h-11 items-center border-b-2 px-3 text-sm font-semibold whitespace-nowrap focus-visible:-outline-offset-2',
              isActive ? 'border-accent text-accent' : 'border-transparent text-ink-soft hover:text-ink',
            )
          }
        >
          {label}
        </NavLink>
      ))}
    </nav>
  );
}
