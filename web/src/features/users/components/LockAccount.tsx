import { zodResolver } from '@hookform/resolvers/zod';
import { useState, type SubmitEvent } from 'react';
import { useForm } from 'react-hook-form';
import { Banner } from '@/components/ui/Banner';
import { Button } from '@/components/ui/Button';
import { Dialog } from '@/components/ui/Dialog';
import { Segments } from '@/components/ui/Segments';
import { TextField } from '@/components/ui/TextField';
import { toast } from '@/components/ui/toast';
import { showProblem } from '@/lib/formProblem';
import { z } from '@/lib/schema';
import { formatMoment } from '@/lib/time';
import { useLockAccount, type Account } from '../api/accounts';

const ends = [
  { value: 'never', label: 'Until it is unlocked' },
  { value: 'until', label: 'Until a time' },
] as const;

/** What the browser makes of a time: empty also when only a part of it is entered. */
const schema = z.object({ until: z.string().refine((text) => new Date(text) > new Date(), 'Choose a time in the future.') });

/** Locks somebody out, until a moment or until somebody unlocks them. */
export function LockAccount({ account: { id, username }, onClose }: { account: Account; onClose: () => void }) {
  const lock = useLockAccount(id);
  const [end, setEnd] = useState<(typeof ends)[number]['value']>('never');
  const [problem, setProblem] = useState<string | null>(null);
  const {
    register,
    handleSubmit,
    setError,
    formState: { errors },
  } = useForm<{ until: string }>({ resolver: zodResolver(schema), defaultValues: { until: '' } });

  function lockUntil(until: Date | null) {
    setProblem(null);
    lock.mutate(until, {
      onSuccess: () => {
        toast(until ? `${username} is locked out until ${formatMoment(until)}.` : `${username} is locked out.`);
        onClose();
      },
      onError: (error) => setProblem(showProblem(error, ['until'], setError)),
    });
  }

  const submitTime = handleSubmit(({ until }) => lockUntil(new Date(until)));

  function submit(event: SubmitEvent) {
    if (end === 'until') return void submitTime(event);
    event.preventDefault();
    lockUntil(null);
  }

  return (
    <Dialog
      open
      // What becomes of it is said here.
      onClose={() => lock.isPending || onClose()}
      title={`Lock ${username}?`}
      description="They can’t sign in, and are signed out everywhere within moments. Their devices and their history stay."
    >
      <form onSubmit={submit} noValidate aria-label="Lock" className="grid gap-5 px-5 pb-5 sm:px-6">
        {problem && <Banner tone="alert">{problem}</Banner>}
        <div className="flex">
          <Segments label="For how long" value={end} options={ends} onChange={setEnd} />
        </div>
        {end === 'until' && (
          <TextField
            label="Locked until"
            type="datetime-local"
            hint="By your own clock. Afterwards they can sign in again by themselves."
            error={errors.until?.message}
            {...register('until')}
          />
        )}
        <div className="flex justify-end gap-2">
          <Button disabled={lock.isPending} onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" tone="danger" busy={lock.isPending}>
            Lock
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
