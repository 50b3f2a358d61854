import { KeyRound, Lock, LockOpen } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/ui/Button';
import { ConfirmDialog } from '@/components/ui/Dialog';
import { Section } from '@/components/ui/Section';
import { toast } from '@/components/ui/toast';
import { problemText } from '@/lib/formProblem';
import { useLockAccount, type Account } from '../api/accounts';
import { LockState } from './AccountState';
import { ResetPassword } from './ResetPassword';

/** Whether somebody can sign in: lock, unlock, a new password. */
export function AccessSection({ account, own }: { account: Account; own: boolean }) {
  const lock = useLockAccount(account.id);
  const [asked, setAsked] = useState<'lock' | 'password' | null>(null);
  const locked = account.locked_until != null;

  function setLocked(wanted: boolean) {
    lock.mutate(wanted, {
      onSuccess: () => toast(wanted ? `${account.username} is locked out.` : `${account.username} can sign in again.`),
      onError: (error) => toast(problemText(error), { tone: 'alert' }),
      onSettled: () => setAsked(null),
    });
  }

  return (
    <Section title="Access">
      <dl className="mb-4 flex items-center justify-between gap-3 text-sm">
        <dt className="text-ink-soft">Sign-in</dt>
        <dd>
          <LockState account={account} />
        </dd>
      </dl>
      <div className="flex flex-wrap gap-2">
        {locked ? (
          <Button busy={lock.isPending} onClick={() => setLocked(false)}>
            <LockOpen aria-hidden="true" className="size-4" />
            Unlock
          </Button>
        ) : (
          !own && (
            <Button onClick={() => setAsked('lock')}>
              <Lock aria-hidden="true" className="size-4" />
              Lock
            </Button>
          )
        )}
        <Button onClick={() => setAsked('password')}>
          <KeyRound aria-hidden="true" className="size-4" />
          Reset password
        </Button>
      </div>

      <ConfirmDialog
        open={asked === 'lock'}
        title={`Lock ${account.username}?`}
        confirm="Lock"
        danger
        busy={lock.isPending}
        onCancel={() => setAsked(null)}
        onConfirm={() => setLocked(true)}
      >
        <p>
          They can’t sign in until you unlock them, and are signed out everywhere within moments. Their devices and their history
          stay.
        </p>
      </ConfirmDialog>
      {asked === 'password' && <ResetPassword account={account} own={own} onClose={() => setAsked(null)} />}
    </Section>
  );
}
