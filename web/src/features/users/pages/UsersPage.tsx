import { UserPlus, Users } from 'lucide-react';
import { Link } from 'react-router';
import { buttonStyle } from '@/components/ui/Button';
import type { Column } from '@/components/ui/DataTable';
import { PagedTable } from '@/components/ui/PagedTable';
import { PageHeader } from '@/components/ui/PageHeader';
import { SearchBox } from '@/components/ui/SearchBox';
import { Segments } from '@/components/ui/Segments';
import { Skeleton } from '@/components/ui/Skeleton';
import { StateMessage } from '@/components/ui/StateMessage';
import { formatDate } from '@/lib/time';
import { useStays } from '@/lib/useStays';
import { useSearchParam } from '@/lib/useSearchParam';
import { useSort } from '@/lib/useSort';
import { fullName, useAccount, usePeople, type Person } from '../api/accounts';
import { LockState, RoleBadge } from '../components/AccountState';

const roles = [
  { value: '', label: 'All' },
  { value: 'client', label: 'Clients' },
  { value: 'admin', label: 'Administrators' },
] as const;

const columns: Column<Person>[] = [
  {
    header: 'Person',
    sort: 'username',
    cell: ({ id, username, ...person }) => (
      <>
        <Link to={`/users/${id}`} className="block truncate font-semibold after:absolute after:inset-0">
          {username}
        </Link>
        <span className="block truncate text-sm text-ink-soft">{fullName(person)}</span>
      </>
    ),
  },
  {
    header: 'E-mail',
    className: 'max-lg:hidden',
    cell: ({ email }) => <span className="block truncate text-ink-soft">{email}</span>,
  },
  { header: 'Role', className: 'w-36', cell: ({ role }) => <RoleBadge role={role} /> },
  { header: 'Sign-in', className: 'w-64 max-md:hidden', cell: ({ id }) => <SignIn id={id} /> },
  {
    header: 'Since',
    sort: '-created_at',
    className: 'w-36 max-md:hidden',
    cell: ({ created_at }) => <span className="text-ink-soft">{formatDate(new Date(created_at))}</span>,
  },
];

/** `/users?q=&role=&sort=`: everybody who may sign in. */
export function Component() {
  const [search, setSearch] = useSearchParam('q');
  const [role, setRole] = useSearchParam('role');
  const order = useSort(columns, 'username');
  const people = usePeople({ search, role, sort: order.sort });

  return (
    <>
      <PageHeader
        title="Users"
        actions={
          <Link to="/users/new" className={buttonStyle('primary')}>
            <UserPlus aria-hidden="true" className="size-4" />
            New user
          </Link>
        }
      />
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <div className="min-w-48 flex-1 sm:max-w-80">
          <SearchBox label="Search by username, name or e-mail" value={search} onChange={setSearch} />
        </div>
        <Segments label="Role" value={role} options={roles} onChange={setRole} />
      </div>
      <PagedTable
        label="Users"
        query={people}
        columns={columns}
        rowKey={({ id }) => id}
        order={order}
        empty={
          <StateMessage level={2} icon={Users} title="Nobody is found">
            {search || role ? 'Try a shorter part of the name, or all roles.' : 'Create the first user.'}
          </StateMessage>
        }
      />
    </>
  );
}

/** Whether somebody can sign in, which Identity knows. */
function SignIn({ id }: { id: string }) {
  const { data, isError } = useAccount(id, { enabled: useStays() });

  if (isError) return <span className="text-ink-faint">Unknown</span>;
  return data ? <LockState account={data.body} /> : <Skeleton className="h-5 w-16" />;
}
