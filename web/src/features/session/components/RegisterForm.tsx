import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { ApiError, isUnreachable } from '@/api/client';
import { Banner } from '@/components/ui/Banner';
import { Button } from '@/components/ui/Button';
import { TextField } from '@/components/ui/TextField';
import { showProblem } from '@/lib/formProblem';
import { entries, z } from '@/lib/schema';
import { useRegister } from '../api/session';
import { waitFor } from '../signInProblem';

const schema = z
  .object({
    username: entries.username,
    password: entries.newPassword,
    repeated: z.string(),
    fname: entries.name,
    lname: entries.name,
    email: entries.email,
    phone: entries.phone,
  })
  .refine(({ password, repeated }) => password === repeated, { path: ['repeated'], message: 'The passwords differ.' })
  .refine(({ username, password }) => password.toLowerCase() !== username.toLowerCase(), {
    path: ['password'],
    message: 'The password must differ from the username.',
  });

type Values = z.infer<typeof schema>;

const nothing: Values = { username: '', password: '', repeated: '', fname: '', lname: '', email: '', phone: '' };

/** Makes an account and signs it in. */
export function RegisterForm() {
  const account = useRegister();
  const [problem, setProblem] = useState<string | null>(null);
  const {
    register,
    handleSubmit,
    setError,
    formState: { errors },
  } = useForm<Values>({ resolver: zodResolver(schema), defaultValues: nothing });

  const submit = handleSubmit(({ username, password, fname, lname, email, phone }) => {
    setProblem(null);
    account.mutate(
      { username, password, fname: fname || null, lname: lname || null, email: email || null, phone: phone || null },
      {
        onError: (error) =>
          setProblem(why(error) ?? showProblem(error, ['username', 'password', 'fname', 'lname', 'email', 'phone'], setError)),
      },
    );
  });

  return (
    <form onSubmit={(event) => void submit(event)} noValidate className="grid gap-5" aria-label="Create an account">
      {problem && <Banner tone="alert">{problem}</Banner>}

      <TextField
        label="Username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        error={errors.username?.message}
        {...register('username')}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="new-password"
        hint="At least 8 characters."
        error={errors.password?.message}
        {...register('password')}
      />
      <TextField
        label="Repeat the password"
        type="password"
        autoComplete="new-password"
        error={errors.repeated?.message}
        {...register('repeated')}
      />

      <fieldset className="grid gap-5">
        <legend className="mb-4 text-sm text-ink-soft">So that your operator knows who you are, if you like:</legend>
        <div className="grid grid-cols-2 gap-3">
          <TextField label="First name" autoComplete="given-name" error={errors.fname?.message} {...register('fname')} />
          <TextField label="Last name" autoComplete="family-name" error={errors.lname?.message} {...register('lname')} />
        </div>
        <TextField label="E-mail" type="email" autoComplete="email" error={errors.email?.message} {...register('email')} />
        <TextField label="Phone" type="tel" autoComplete="tel" error={errors.phone?.message} {...register('phone')} />
      </fieldset>

      <Button type="submit" tone="primary" busy={account.isPending} className="mt-1 h-12 w-full">
        {account.isPending ? 'Creating the account…' : 'Create account'}
      </Button>
    </form>
  );
}

function why(error: Error) {
  if (error instanceof ApiError && error.status === 429) return `Too many attempts. ${waitFor(error)}`;
  if (error instanceof ApiError && error.problem.saga_id)
    return 'A part of EnergyAspire is away, so no account was made. Your entries are still here; try again in a moment.';
  if (isUnreachable(error))
    return 'EnergyAspire can’t be reached right now, or its answer was lost. Try again in a moment; if the username is taken then, your account is made and you can sign in.';
  return null;
}
