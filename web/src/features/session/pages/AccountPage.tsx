import { ErrorState } from '@/components/ui/ErrorState';
import { PageHeader } from '@/components/ui/PageHeader';
import { Section } from '@/components/ui/Section';
import { Skeleton } from '@/components/ui/Skeleton';
import { useLastError } from '@/lib/useLastError';
import { useProfile } from '../api/account';
import { useSession } from '../api/session';
import { PasswordForm } from '../components/PasswordForm';
import { ProfileForm } from '../components/ProfileForm';

/** `/account`: what somebody can change about themselves. */
export function Component() {
  const user = useSession().data?.user;

  return (
    <>
      <PageHeader title="Your account" description={user ? `Signed in as ${user.username}.` : undefined} />
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Section title="Details" description="Only you and your operator see them.">
          {user && <Profile id={user.id} />}
        </Section>
        <Section title="Password" description="Changing it signs you out everywhere else.">
          <PasswordForm />
        </Section>
      </div>
    </>
  );
}

function Profile({ id }: { id: string }) {
  const profile = useProfile(id);
  const error = useLastError(profile);

  if (error) return <ErrorState level={2} error={error} retrying={profile.isFetching} onRetry={() => void profile.refetch()} />;
  if (!profile.data) return <Skeleton className="h-72 max-w-md" />;

  return <ProfileForm profile={profile.data} />;
}
