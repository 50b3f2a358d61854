import { UserPlus, Users } from 'lucide-react';
import { Link } from 'react-router';
import { buttonStyle } from '@/components/ui/Button';
import type { Column } from '@/components/ui/DataTable';
import { PagedTable } from '@/components/ui/PagedTable';
import { PageHeader } from '@/components/ui/PageHeader';
import { SearchBox } from '@/components/ui/SearchBox';
import { Segments } from '@/components/ui/Segments';
import { StateMessage } from '@/components/ui/StateMessage';
import { formatDate } from '@/lib/time';
import { useSearchParam } from '@/lib/useSearchParam';
import { useAccounts, type Account } from '../api/accounts';
import { LockState, RoleBadge } from '../components/AccountState';

const roles = [
  { value: '', label: 'All' },
  { value: 'client', label: 'Clients' },
  { value: 'admin', label: 'Administrators' },
] as const;

const columns: Column<Account>[] = [
  {
    header: 'Username',
    cell: ({ id, username }) => (
      <Link to={`/users/${id}`} className="block truncate font-semibold after:absolute after:inset-0">
        {username}
      </Link>
    ),
  },
  { header: 'Role', className: 'w-36', cell: ({ role }) => <RoleBadge role={role} /> },
  { header: 'Sign-in', className: 'w-64 max-md:hidden', cell: (account) => <LockState account={account} /> },
  {
    header: 'Since',
    className: 'w-36 max-md:hidden',
    cell: ({ created_at }) => <span className="text-ink-soft">{formatDate(new Date(created_at))}</span>,
  },
];

/** `/users?q=&role=`: everybody who may sign in. */
export function Component() {
  const [search, setSearch] = useSearchParam('q');
  const [role, setRole] = useSearchParam('role');
  const accounts = useAccounts({ search, role });

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
          <SearchBox label="Search by username" value={search} onChange={setSearch} />
        </div>
        <Segments label="Role" value={role} options={roles} onChange={setRole} />
      </div>
      <PagedTable
        label="Users"
        query={accounts}
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          <StateMessage level={2} icon={Users} title="Nobody is found">
            {search || role ? 'Try a shorter part of the username, or all roles.' : 'Create the first user.'}
          </StateMessage>
        }
      />
    </>
  );
}
