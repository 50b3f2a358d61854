import { UserX } from 'lucide-react';
import { Link, useParams } from 'react-router';
import { ApiError } from '@/api/client';
import { ErrorState } from '@/components/ui/ErrorState';
import { PageHeader } from '@/components/ui/PageHeader';
import { Section } from '@/components/ui/Section';
import { DetailSkeleton } from '@/components/ui/DetailSkeleton';
import { StateMessage } from '@/components/ui/StateMessage';
import { DevicesOfUser } from '@/features/mappings/components/DevicesOfUser';
import { useProfile } from '@/features/session/api/account';
import { useSession } from '@/features/session/api/session';
import { formatDate } from '@/lib/time';
import { useLastError } from '@/lib/useLastError';
import { useAccount } from '../api/accounts';
import { AccessSection } from '../components/AccessSection';
import { RoleBadge } from '../components/AccountState';
import { DeleteAccount } from '../components/DeleteAccount';
import { EditAccount } from '../components/EditAccount';

/** `/users/:userId`: everything about one account. */
export function Component() {
  const id = useParams().userId ?? '';
  const account = useAccount(id);
  const profile = useProfile(id);
  const session = useSession();
  const accountError = useLastError(account);
  const profileError = useLastError(profile);
  const error = accountError ?? profileError;

  if (error instanceof ApiError && error.status === 404) return <Gone />;

  if (error) {
    const retry = () => void Promise.all([account.refetch(), profile.refetch()]);
    return <ErrorState error={error} retrying={account.isFetching || profile.isFetching} onRetry={retry} />;
  }

  if (!account.data || !profile.data) return <DetailSkeleton what="the user" />;

  const { body, version } = account.data;
  const own = session.data?.user?.id === id;

  return (
    <>
      <PageHeader
        title={body.username}
        badge={<RoleBadge role={body.role} />}
        description={`Account since ${formatDate(new Date(body.created_at))}`}
        back={{ to: '/users', label: 'Users' }}
        actions={
          <Link to={`/system/audit?user=${id}`} className="text-sm font-semibold text-accent underline underline-offset-4">
            History
          </Link>
        }
      />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Section title="Details">
          <EditAccount account={body} profile={profile.data} version={version} />
        </Section>
        <div className="grid gap-5">
          <DevicesOfUser userId={id} username={body.username} />
          <AccessSection account={body} own={own} />
          <DeleteAccount account={body} own={own} />
        </div>
      </div>
    </>
  );
}

const Gone = () => (
  <div className="card">
    <title>Unknown user · EnergyAspire</title>
    <StateMessage
      icon={UserX}
      title="There is no such user"
      action={
        <Link to="/users" className="font-semibold text-accent underline underline-offset-4">
          All users
        </Link>
      }
    >
      The account may have been deleted.
    </StateMessage>
  </div>
);
