import { UserRound } from 'lucide-react';
import { useState } from 'react';
import { fullName, usePeople } from '@/features/users/api/accounts';
import { AssignmentList } from './AssignmentList';
import { PickDialog, type Choice } from './PickDialog';

/** Who sees a device. */
export const UsersOfDevice = ({ deviceId, name }: { deviceId: string; name: string }) => (
  <AssignmentList
    title="People"
    description="They see what it measures while it is theirs. Administrators see everything."
    side={{ device_id: deviceId }}
    icon={UserRound}
    empty="Nobody yet. Assign it to those whose home it is in."
    add="Assign people"
    end={({ user_id, user_username }) => ({ id: user_id, name: user_username ?? 'Unknown user', to: `/users/${user_id}` })}
    pair={(user_id) => ({ user_id, device_id: deviceId })}
    dialog={(props) => <PickUsers name={name} {...props} />}
  />
);

interface PickProps {
  name: string;
  taken: ReadonlySet<string>;
  onClose: () => void;
  onPick: (picked: Choice[]) => void;
}

function PickUsers({ name, ...rest }: PickProps) {
  const [search, setSearch] = useState('');
  const people = usePeople({ search, role: '' });

  return (
    <PickDialog
      title="Assign people"
      description={`to ${name}. It appears on their pages by itself.`}
      searchLabel="Search by username, name or e-mail"
      search={search}
      onSearch={setSearch}
      query={people}
      choices={
        people.data?.pages.flatMap(({ rows }) =>
          rows.map((person) => ({
            id: person.id,
            name: person.username,
            detail: [fullName(person), person.role === 'admin' && 'Administrator'].filter(Boolean).join(', ') || undefined,
          })),
        ) ?? []
      }
      confirm={(count) => (count === 0 ? 'Assign' : count === 1 ? 'Assign 1 person' : `Assign ${count} people`)}
      {...rest}
    />
  );
}
