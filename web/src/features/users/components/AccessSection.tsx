import { KeyRound, Lock, LockOpen } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/ui/Button';
import { Section } from '@/components/ui/Section';
import { toast } from '@/components/ui/toast';
import { problemText } from '@/lib/formProblem';
import { useUnlockAccount, type Account } from '../api/accounts';
import { LockState } from './AccountState';
import { LockAccount } from './LockAccount';
import { ResetPassword } from './ResetPassword';

/** Whether somebody can sign in: lock, unlock, a new password. */
export function AccessSection({ account, own }: { account: Account; own: boolean }) {
  const unlock = useUnlockAccount(account.id);
  const [asked, setAsked] = useState<'lock' | 'password' | null>(null);
  const locked = account.locked_until != null;

  const letIn = () =>
    unlock.mutate(undefined, {
      onSuccess: () => toast(`${account.username} can sign in again.`),
      onError: (error) => toast(problemText(error), { tone: 'alert' }),
    });

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
          <Button busy={unlock.isPending} onClick={letIn}>
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

      {asked === 'lock' && <LockAccount account={account} onClose={() => setAsked(null)} />}
      {asked === 'password' && <ResetPassword account={account} own={own} onClose={() => setAsked(null)} />}
    </Section>
  );
}
