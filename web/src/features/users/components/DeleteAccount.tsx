import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Button } from '@/components/ui/Button';
import { ConfirmDialog } from '@/components/ui/Dialog';
import { Section } from '@/components/ui/Section';
import { toast } from '@/components/ui/toast';
import { useMappings } from '@/features/mappings/api/mappings';
import { SagaOutcome } from '@/features/system/components/SagaOutcome';
import { SagaProgress } from '@/features/system/components/SagaProgress';
import { useDeleteAccount, type Account } from '../api/accounts';

/** Deletes somebody everywhere, after saying what that means. */
export function DeleteAccount({ account, own }: { account: Account; own: boolean }) {
  const [open, setOpen] = useState(false);
  const remove = useDeleteAccount(account.id);
  const navigate = useNavigate();
  const mappings = useMappings({ user_id: account.id }).data;

  const confirm = () =>
    remove.mutate(undefined, {
      onSuccess: () => {
        toast(`${account.username} is deleted.`);
        void navigate('/users', { replace: true });
      },
    });

  return (
    <Section title="Delete" description={own ? 'This is your own account; another administrator has to do that.' : undefined}>
      <Button tone="plain" className="text-alert!" disabled={own} onClick={() => setOpen(true)}>
        <Trash2 aria-hidden="true" className="size-4" />
        Delete {account.username}
      </Button>

      <ConfirmDialog
        open={open}
        title={`Delete ${account.username}?`}
        confirm={remove.isPending ? 'Deleting…' : 'Delete'}
        danger
        busy={remove.isPending}
        onCancel={() => {
          setOpen(false);
          remove.reset();
        }}
        onConfirm={confirm}
      >
        <p>This can’t be taken back. What goes, in every service or in none:</p>
        <ul className="list-disc space-y-1 pl-5">
          <li>the account: sign-in stops at once, everywhere</li>
          <li>the profile with name, e-mail and phone</li>
          <li>
            {mappings === undefined
              ? 'every assignment of a device'
              : mappings.length === 0
                ? 'assignments of devices; there are none now'
                : `the assignment of ${mappings.length === 1 ? (mappings[0]?.device_name ?? 'one device') : `${mappings.length} devices`}`}
          </li>
        </ul>
        <p>The devices stay, with everything that they have measured, and so does the audit log.</p>
        <SagaProgress about={{ subject: account.id }} active={remove.isPending} />
        {remove.error && <SagaOutcome error={remove.error} />}
      </ConfirmDialog>
    </Section>
  );
}
