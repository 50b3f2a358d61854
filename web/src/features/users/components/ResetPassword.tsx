import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { Button } from '@/components/ui/Button';
import { Dialog } from '@/components/ui/Dialog';
import { PasswordField } from '@/components/ui/PasswordField';
import { toast } from '@/components/ui/toast';
import { SagaOutcome } from '@/features/system/components/SagaOutcome';
import { SagaProgress } from '@/features/system/components/SagaProgress';
import { showProblem } from '@/lib/formProblem';
import { entries, z } from '@/lib/schema';
import { useChangeAccount, type Account } from '../api/accounts';

const schema = z.object({ password: entries.newPassword });

/** Gives somebody a new password. */
export function ResetPassword({ account, own, onClose }: { account: Account; own: boolean; onClose: () => void }) {
  const change = useChangeAccount(account.id);
  const [problem, setProblem] = useState<string | null>(null);
  const {
    register,
    handleSubmit,
    setError,
    formState: { errors },
  } = useForm<{ password: string }>({ resolver: zodResolver(schema), defaultValues: { password: '' } });

  const submit = handleSubmit(({ password }) => {
    setProblem(null);
    change.mutate(
      { change: { password } },
      {
        onSuccess: () => {
          toast(`${account.username} has a new password.`);
          onClose();
        },
        onError: (error) => setProblem(showProblem(error, ['password'], setError)),
      },
    );
  });

  return (
    <Dialog
      open
      // What becomes of it is said here.
      onClose={() => change.isPending || onClose()}
      title={`Reset ${account.username}’s password`}
      description={
        own
          ? 'This is your own account: you have to sign in again afterwards.'
          : 'They are signed out everywhere. Tell them the new password in person; they can change it under “Your account”.'
      }
    >
      <form
        onSubmit={(event) => void submit(event)}
        noValidate
        aria-label="Reset password"
        className="grid gap-5 px-5 pb-5 sm:px-6"
      >
        {problem && change.error && <SagaOutcome error={change.error} text={problem} />}
        <PasswordField
          label="New password"
          autoComplete="new-password"
          hint="At least 8 characters."
          error={errors.password?.message}
          {...register('password')}
        />
        <SagaProgress about={{ subject: account.id }} active={change.isPending} />
        <div className="flex justify-end gap-2">
          <Button disabled={change.isPending} onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" tone="primary" busy={change.isPending}>
            Reset password
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
