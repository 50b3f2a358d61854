import { clsx } from 'clsx';
import { Ellipsis } from 'lucide-react';
import { Link, NavLink } from 'react-router';
import { Menu, MenuContent, MenuItem, MenuTrigger } from '@/components/ui/Menu';
import { useSession } from '@/features/session/api/session';
import { places, type Place } from './navigation';

function usePlaces() {
  const isAdmin = useSession().data?.user?.role === 'admin';
  return places.filter(({ admin }) => isAdmin || !admin);
}

/** In the header, on screens that have the room. */
export const TopNavigation = () => (
  <nav aria-label="Main" className="flex gap-1 max-lg:hidden">
    {usePlaces().map(({ to, label, end = false }) => (
      <NavLink
        key={to}
        to={to}
        end={end}
        className={({ isActive }) =>
          clsx(
            'flex h-10 items-center rounded-xl px-3 text-sm font-semibold transition-colors',
            isActive ? 'bg-accent-soft text-accent' : 'text-ink-soft hover:bg-sunken hover:text-ink',
          )
        }
      >
        {label}
      </NavLink>
    ))}
  </nav>
);

/** As many as a thumb can tell apart. */
const most = 5;

/** Along the lower edge on phones and tablets. With a single place to go there is nothing to choose. */
export function BottomNavigation() {
  const all = usePlaces();
  if (all.length < 2) return null;

  const shown = all.length > most ? all.slice(0, most - 1) : all;
  const rest = all.slice(shown.length);

  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-20 flex border-t border-line bg-canvas/95 pb-[env(safe-area-inset-bottom)] backdrop-blur lg:hidden print:hidden"
    >
      {shown.map((place) => (
        <BottomLink key={place.to} {...place} />
      ))}
      {rest.length > 0 && (
        <Menu>
          <MenuTrigger className={clsx(slot, 'text-ink-soft')}>
            <Ellipsis aria-hidden="true" className="size-5" />
            More
          </MenuTrigger>
          <MenuContent side="top">
            {rest.map(({ to, label, icon: Icon }) => (
              <MenuItem key={to} asChild>
                <Link to={to}>
                  <Icon aria-hidden="true" className="size-4" />
                  {label}
                </Link>
              </MenuItem>
            ))}
          </MenuContent>
        </Menu>
      )}
    </nav>
  );
}

const slot =
  'flex h-11 min-w-0 flex-1 items-center justify-center gap-1.5 text-[0.6875rem] font-semibold focus-visible:-outline-offset-2 tall:h-15 tall:flex-col tall:gap-1';

const BottomLink = ({ to, label, icon: Icon, end = false }: Place) => (
  <NavLink to={to} end={end} className={({ isActive }) => clsx(slot, isActive ? 'text-accent' : 'text-ink-soft')}>
    <Icon aria-hidden="true" className="size-5" />
    {label}
  </NavLink>
);
