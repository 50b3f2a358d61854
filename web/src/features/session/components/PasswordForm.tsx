import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { ApiError } from '@/api/client';
import { Banner } from '@/components/ui/Banner';
import { Button } from '@/components/ui/Button';
import { TextField } from '@/components/ui/TextField';
import { toast } from '@/components/ui/toast';
import { useUnsaved } from '@/components/ui/unsaved';
import { showProblem } from '@/lib/formProblem';
import { entries, z } from '@/lib/schema';
import { useChangePassword } from '../api/account';
import { waitFor } from '../signInProblem';

const schema = z
  .object({
    current_password: z.string().min(1, 'Enter your password as it is now.'),
    new_password: entries.newPassword,
    repeated: z.string(),
  })
  .refine((values) => values.new_password === values.repeated, { path: ['repeated'], message: 'The passwords differ.' });

type Values = z.infer<typeof schema>;

export function PasswordForm() {
  const change = useChangePassword();
  const [problem, setProblem] = useState<string | null>(null);
  const {
    register,
    handleSubmit,
    setError,
    reset,
    formState: { errors, isDirty },
  } = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: { current_password: '', new_password: '', repeated: '' },
  });

  useUnsaved(isDirty);

  const submit = handleSubmit((values) => {
    setProblem(null);
    change.mutate(
      { current: values.current_password, next: values.new_password },
      {
        onSuccess: () => {
          reset();
          toast('Your password is changed. Wherever else you were signed in, you no longer are.');
        },
        onError: (error) =>
          setProblem(
            error instanceof ApiError && error.status === 429
              ? `Too many wrong passwords. ${waitFor(error)}`
              : showProblem(error, ['current_password', 'new_password'], setError),
          ),
      },
    );
  });

  return (
    <form onSubmit={(event) => void submit(event)} noValidate className="grid max-w-md gap-5" aria-label="Change password">
      {problem && <Banner tone="alert">{problem}</Banner>}
      <TextField
        label="Current password"
        type="password"
        autoComplete="current-password"
        error={errors.current_password?.message}
        {...register('current_password')}
      />
      <TextField
        label="New password"
        type="password"
        autoComplete="new-password"
        hint="At least 8 characters."
        error={errors.new_password?.message}
        {...register('new_password')}
      />
      <TextField
        label="Repeat the new password"
        type="password"
        autoComplete="new-password"
        error={errors.repeated?.message}
        {...register('repeated')}
      />
      <Button type="submit" tone="primary" busy={change.isPending} className="justify-self-start">
        Change password
      </Button>
    </form>
  );
}
