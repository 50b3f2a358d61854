import { zodResolver } from '@hookform/resolvers/zod';
import { useEffect, useMemo, useState } from 'react';
import { useForm } from 'react-hook-form';
import { Banner } from '@/components/ui/Banner';
import { Button } from '@/components/ui/Button';
import { TextField } from '@/components/ui/TextField';
import { toast } from '@/components/ui/toast';
import { useUnsaved } from '@/components/ui/unsaved';
import { keepEntries, showProblem } from '@/lib/formProblem';
import { entries, z } from '@/lib/schema';
import { useChangeProfile, type Profile } from '../api/account';

const schema = z.object({ fname: entries.name, lname: entries.name, email: entries.email, phone: entries.phone });

type Values = z.infer<typeof schema>;

const fields = ['fname', 'lname', 'email', 'phone'] as const;

/** One's own names and addresses. */
export function ProfileForm({ profile }: { profile: Profile }) {
  const values = useMemo(
    (): Values => ({
      fname: profile.fname ?? '',
      lname: profile.lname ?? '',
      email: profile.email ?? '',
      phone: profile.phone ?? '',
    }),
    [profile],
  );
  const change = useChangeProfile(profile.id);
  const [problem, setProblem] = useState<string | null>(null);
  const {
    register,
    handleSubmit,
    setError,
    reset,
    formState: { errors, isDirty },
  } = useForm<Values>({ resolver: zodResolver(schema), defaultValues: values });

  useUnsaved(isDirty);

  // What an operator has changed meanwhile doesn't overwrite what is being entered.
  useEffect(() => reset(values, keepEntries), [reset, values]);

  const submit = handleSubmit((entered) => {
    setProblem(null);
    // What an operator changes at the same time stays.
    const changed = Object.fromEntries(
      fields.filter((field) => entered[field] !== values[field]).map((field) => [field, entered[field]]),
    );
    change.mutate(changed, {
      onSuccess: () => {
        reset(entered);
        toast('Your details are saved.');
      },
      onError: (error) => setProblem(showProblem(error, fields, setError)),
    });
  });

  return (
    <form onSubmit={(event) => void submit(event)} noValidate className="grid max-w-md gap-5" aria-label="Your details">
      {problem && <Banner tone="alert">{problem}</Banner>}
      <div className="grid gap-5 sm:grid-cols-2 sm:gap-3">
        <TextField label="First name" autoComplete="given-name" error={errors.fname?.message} {...register('fname')} />
        <TextField label="Last name" autoComplete="family-name" error={errors.lname?.message} {...register('lname')} />
      </div>
      <TextField label="E-mail" type="email" autoComplete="email" error={errors.email?.message} {...register('email')} />
      <TextField label="Phone" type="tel" autoComplete="tel" error={errors.phone?.message} {...register('phone')} />
      <Button type="submit" tone="primary" busy={change.isPending} disabled={!isDirty} className="justify-self-start">
        Save
      </Button>
    </form>
  );
}
