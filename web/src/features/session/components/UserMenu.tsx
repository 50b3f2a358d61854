import { ChevronDown, CircleUserRound, LogOut } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { Button } from '@/components/ui/Button';
import { Menu, MenuContent, MenuItem, MenuLabel, MenuTrigger } from '@/components/ui/Menu';
import { ConfirmDialog } from '@/components/ui/Dialog';
import { toast } from '@/components/ui/toast';
import { hasUnsaved } from '@/components/ui/unsaved';
import { useSession, useSignOut } from '../api/session';

const roles: Record<string, string> = { admin: 'Administrator', client: 'Client' };

/** Who is signed in, and the way out. */
export function UserMenu() {
  const user = useSession().data?.user;
  const signOut = useSignOut();
  const [asked, setAsked] = useState(false);

  if (!user) return null;

  const role = roles[user.role] ?? user.role;

  return (
    <>
      <Menu>
        <MenuTrigger asChild>
          <Button tone="quiet" className="h-11 px-2!">
            <span className="sr-only">Account of</span>{' '}
            <span
              aria-hidden="true"
              className="grid size-8 place-items-center rounded-full bg-accent-soft text-sm font-bold text-accent uppercase"
            >
              {user.username.slice(0, 1)}
            </span>
            <span className="text-left leading-tight max-sm:sr-only">
              <span className="block max-w-40 truncate text-ink">{user.username}</span>
              <span className="block text-xs font-normal text-ink-faint">{role}</span>
            </span>
            <ChevronDown aria-hidden="true" className="size-4" />
          </Button>
        </MenuTrigger>
        <MenuContent>
          <MenuLabel className="sm:hidden">
            <span className="block max-w-52 truncate font-semibold">{user.username}</span>
            <span className="block text-ink-faint">{role}</span>
          </MenuLabel>
          <MenuItem asChild>
            <Link to="/account">
              <CircleUserRound aria-hidden="true" className="size-4" />
              Your account
            </Link>
          </MenuItem>
          <MenuItem
            disabled={signOut.isPending}
            onSelect={(event) => {
              // The menu stays until the session is really closed, so that a failure can be seen in it.
              if (hasUnsaved()) {
                setAsked(true);
                return;
              }
              event.preventDefault();
              signOut.mutate();
            }}
          >
            <LogOut aria-hidden="true" className="size-4" />
            Sign out
          </MenuItem>
          {signOut.isError && (
            <p role="alert" className="max-w-52 px-3 py-2 text-sm text-alert">
              You are still signed in: the server can’t be reached.
            </p>
          )}
        </MenuContent>
      </Menu>
      <ConfirmDialog
        open={asked}
        danger
        title="Sign out without saving?"
        confirm="Discard changes"
        cancel="Stay"
        busy={signOut.isPending}
        onCancel={() => setAsked(false)}
        onConfirm={() =>
          signOut.mutate(undefined, {
            onError: () => toast('You are still signed in: the server can’t be reached.', { tone: 'alert' }),
            onSettled: () => setAsked(false),
          })
        }
      >
        <p>What you have changed on this page is not saved yet.</p>
      </ConfirmDialog>
    </>
  );
}
