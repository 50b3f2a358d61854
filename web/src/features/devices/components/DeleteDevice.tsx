import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Banner } from '@/components/ui/Banner';
import { Button } from '@/components/ui/Button';
import { ConfirmDialog } from '@/components/ui/Dialog';
import { Section } from '@/components/ui/Section';
import { toast } from '@/components/ui/toast';
import { problemText } from '@/lib/formProblem';
import { useDeleteDevice } from '../api/registry';

/** Deletes a device, after saying what that means. */
export function DeleteDevice({ id, name }: { id: string; name: string }) {
  const [open, setOpen] = useState(false);
  const remove = useDeleteDevice(id);
  const navigate = useNavigate();

  const confirm = () =>
    remove.mutate(undefined, {
      onSuccess: () => {
        toast(`${name} is deleted.`);
        void navigate('/devices', { replace: true });
      },
    });

  return (
    <Section title="Delete">
      <Button className="text-alert!" onClick={() => setOpen(true)}>
        <Trash2 aria-hidden="true" className="size-4" />
        Delete device
      </Button>
      <ConfirmDialog
        open={open}
        title={`Delete ${name}?`}
        confirm="Delete"
        danger
        busy={remove.isPending}
        onCancel={() => {
          setOpen(false);
          remove.reset();
        }}
        onConfirm={confirm}
      >
        <p>This can’t be taken back:</p>
        <ul className="list-disc space-y-1 pl-5">
          <li>nobody sees it any more; its assignments go</li>
          <li>what its meter goes on sending lands in quarantine as an unknown device’s</li>
        </ul>
        <p>What it has measured stays on record until retention ends.</p>
        {remove.error && <Banner tone="alert">{problemText(remove.error)}</Banner>}
      </ConfirmDialog>
    </Section>
  );
}
