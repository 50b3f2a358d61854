import { zodResolver } from '@hookform/resolvers/zod';
import { useEffect, useMemo, useState } from 'react';
import { useForm } from 'react-hook-form';
import { Button } from '@/components/ui/Button';
import { ConfirmDialog } from '@/components/ui/Dialog';
import { toast } from '@/components/ui/toast';
import { useUnsaved } from '@/components/ui/unsaved';
import { SagaOutcome } from '@/features/system/components/SagaOutcome';
import { SagaProgress } from '@/features/system/components/SagaProgress';
import { keepEntries, showProblem } from '@/lib/formProblem';
import { z } from '@/lib/schema';
import { useChangeAccount, type Account, type Person } from '../api/accounts';
import { AccountFields, accountEntries, accountFields, type AccountValues } from './AccountFields';

const schema = z.object(accountEntries);

interface Props {
  account: Account;
  profile: Person;
  version: string | undefined;
}

/** Changes what is known of somebody. Only what was really changed is sent; a change of the role asks first. */
export function EditAccount({ account, profile, version }: Props) {
  const { id } = account;
  const values = useMemo(
    (): AccountValues => ({
      username: account.username,
      role: account.role === 'admin' ? 'admin' : 'client',
      fname: profile.fname ?? '',
      lname: profile.lname ?? '',
      email: profile.email ?? '',
      phone: profile.phone ?? '',
    }),
    [account, profile],
  );
  const change = useChangeAccount(id);
  const [problem, setProblem] = useState<string | null>(null);
  const [asked, setAsked] = useState<AccountValues | null>(null);
  const {
    register,
    handleSubmit,
    setError,
    reset,
    formState: { errors, isDirty },
  } = useForm<AccountValues>({ resolver: zodResolver(schema), defaultValues: values });
  useUnsaved(isDirty);

  // What somebody else has changed meanwhile doesn't overwrite what is being entered.
  useEffect(() => reset(values, keepEntries), [reset, values]);

  function save(entered: AccountValues) {
    setAsked(null);
    setProblem(null);
    const changed = Object.fromEntries(
      accountFields.filter((field) => entered[field] !== values[field]).map((field) => [field, entered[field]]),
    );

    change.mutate(
      { change: changed, version },
      {
        onSuccess: () => {
          reset(entered);
          toast(`${entered.username} is saved.`);
        },
        onError: (error) => setProblem(showProblem(error, accountFields, setError)),
      },
    );
  }

  const submit = handleSubmit((entered) => (entered.role === values.role ? save(entered) : setAsked(entered)));
  const promoted = asked?.role === 'admin';

  return (
    <form onSubmit={(event) => void submit(event)} noValidate aria-label="Details" className="grid gap-5">
      {problem && change.error && <SagaOutcome error={change.error} text={problem} />}
      <AccountFields register={register} errors={errors} />
      <SagaProgress about={{ subject: id }} active={change.isPending} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" tone="primary" busy={change.isPending} disabled={!isDirty}>
          {change.isPending ? 'Saving…' : 'Save'}
        </Button>
        {isDirty && !change.isPending && (
          <Button tone="quiet" onClick={() => reset(values)}>
            Discard changes
          </Button>
        )}
      </div>

      <ConfirmDialog
        open={asked !== null}
        title={promoted ? `Make ${values.username} an administrator?` : `Take ${values.username}’s administration away?`}
        confirm={promoted ? 'Make administrator' : 'Make client'}
        danger={promoted}
        onCancel={() => setAsked(null)}
        onConfirm={() => asked && save(asked)}
      >
        <p>
          {promoted
            ? 'Administrators see every device’s consumption, and can change and delete every account and device.'
            : 'They will see only the devices that are assigned to them.'}
        </p>
        <p>Where they are signed in now, they have to sign in again.</p>
      </ConfirmDialog>
    </form>
  );
}
