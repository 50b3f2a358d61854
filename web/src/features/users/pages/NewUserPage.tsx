import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { Link, useNavigate } from 'react-router';
import { Button, buttonStyle } from '@/components/ui/Button';
import { PageHeader } from '@/components/ui/PageHeader';
import { PasswordField } from '@/components/ui/PasswordField';
import { toast } from '@/components/ui/toast';
import { useUnsaved } from '@/components/ui/unsaved';
import { SagaOutcome } from '@/features/system/components/SagaOutcome';
import { SagaProgress } from '@/features/system/components/SagaProgress';
import { showProblem } from '@/lib/formProblem';
import { entries, z } from '@/lib/schema';
import { useCreateAccount } from '../api/accounts';
import { AccountFields, accountEntries, accountFields, type AccountValues } from '../components/AccountFields';

const schema = z.object({ ...accountEntries, password: entries.newPassword });

type Values = AccountValues & { password: string };

const nothing: Values = { username: '', role: 'client', fname: '', lname: '', email: '', phone: '', password: '' };

/** `/users/new`: makes an account for somebody else. */
export function Component() {
  const create = useCreateAccount();
  const navigate = useNavigate();
  const [problem, setProblem] = useState<string | null>(null);
  const {
    register,
    handleSubmit,
    setError,
    formState: { errors, isDirty },
  } = useForm<Values>({ resolver: zodResolver(schema), defaultValues: nothing });
  const release = useUnsaved(isDirty);

  const submit = handleSubmit(({ username, role, password, fname, lname, email, phone }) => {
    setProblem(null);
    create.mutate(
      { username, role, password, fname: fname || null, lname: lname || null, email: email || null, phone: phone || null },
      {
        onSuccess: (id) => {
          release();
          toast(`${username} can sign in now.`);
          void navigate(`/users/${id}`, { replace: true });
        },
        onError: (error) => setProblem(showProblem(error, [...accountFields, 'password'], setError)),
      },
    );
  });

  return (
    <>
      <PageHeader title="New user" back={{ to: '/users', label: 'Users' }} />
      <form
        onSubmit={(event) => void submit(event)}
        noValidate
        aria-label="New user"
        className="card grid max-w-2xl gap-5 p-4 sm:p-6"
      >
        {problem && create.error && <SagaOutcome error={create.error} text={problem} />}
        <AccountFields register={register} errors={errors} />
        <PasswordField
          label="Password"
          autoComplete="new-password"
          hint="At least 8 characters. Tell it to them in person; they can change it under “Your account”."
          error={errors.password?.message}
          {...register('password')}
        />
        <SagaProgress about={{ username: create.variables?.username ?? '' }} active={create.isPending} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" tone="primary" busy={create.isPending}>
            {create.isPending ? 'Creating…' : 'Create user'}
          </Button>
          <Link to="/users" className={buttonStyle('quiet')}>
            Cancel
          </Link>
        </div>
      </form>
    </>
  );
}
