import { zodResolver } from '@hookform/resolvers/zod';
import { useForm } from 'react-hook-form';
import { Banner } from '@/components/ui/Banner';
import { Button } from '@/components/ui/Button';
import { TextField } from '@/components/ui/TextField';
import { z } from '@/lib/schema';
import { useSignIn, type Credentials } from '../api/session';
import { signInProblem } from '../signInProblem';

const schema = z.object({
  username: z.string().trim().min(1, 'Enter your username.'),
  password: z.string().min(1, 'Enter your password.'),
});

export function SignInForm() {
  const signIn = useSignIn();
  const {
    register,
    handleSubmit,
    resetField,
    setFocus,
    formState: { errors },
  } = useForm<Credentials>({ resolver: zodResolver(schema), defaultValues: { username: '', password: '' } });

  const submit = handleSubmit((credentials) => {
    signIn.mutate(credentials, {
      onError: () => {
        resetField('password');
        setFocus('password');
      },
    });
  });

  return (
    <form onSubmit={(event) => void submit(event)} noValidate className="grid gap-5" aria-label="Sign in">
      {signIn.error && <Banner tone="alert">{signInProblem(signIn.error)}</Banner>}

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
        autoComplete="current-password"
        error={errors.password?.message}
        {...register('password')}
      />

      <Button type="submit" tone="primary" busy={signIn.isPending} className="mt-1 h-12 w-full">
        {signIn.isPending ? 'Signing in…' : 'Sign in'}
      </Button>
    </form>
  );
}
