import { PlugZap } from 'lucide-react';
import { useMemo, useState } from 'react';
import { namesakes } from '@/features/devices/namesakes';
import { useRegistry } from '@/features/devices/api/registry';
import { useMappings, type Mapping } from '../api/mappings';
import { AssignmentList } from './AssignmentList';
import { PickDialog, type Choice } from './PickDialog';

/** Which devices somebody sees, and who else does. */
export function DevicesOfUser({ userId, username }: { userId: string; username: string }) {
  const shared = useMappings({ shared_with: userId }).data;
  const others = useMemo(() => {
    const byDevice = new Map<string, Mapping[]>();
    shared?.forEach((mapping) => byDevice.set(mapping.device_id, [...(byDevice.get(mapping.device_id) ?? []), mapping]));
    return byDevice;
  }, [shared]);

  return (
    <AssignmentList
      title="Devices"
      description={`${username} sees what these measure while they are theirs, and nothing else.`}
      side={{ user_id: userId }}
      icon={PlugZap}
      empty="None yet. Assign some, and they appear on their pages by themselves."
      add="Assign devices"
      end={({ device_id, device_name }) => ({ id: device_id, name: device_name, to: `/devices/${device_id}/edit` })}
      pair={(device_id) => ({ user_id: userId, device_id })}
      note={({ device_id }) => sharedWith(others.get(device_id))}
      dialog={(props) => <PickDevices username={username} {...props} />}
    />
  );
}

function sharedWith(others: readonly Mapping[] = []) {
  if (others.length === 0) return null;

  const named = others.slice(0, 3).map(({ user_username }) => user_username ?? 'somebody');
  return ` · shared with ${[...named, ...(others.length > 3 ? [`${others.length - 3} more`] : [])].join(', ')}`;
}

interface PickProps {
  username: string;
  taken: ReadonlySet<string>;
  onClose: () => void;
  onPick: (picked: Choice[]) => void;
}

function PickDevices({ username, ...rest }: PickProps) {
  const [search, setSearch] = useState('');
  const devices = useRegistry({ search });
  const rows = useMemo(() => devices.data?.pages.flatMap((page) => page.rows) ?? [], [devices.data]);
  const details = useMemo(() => namesakes(rows), [rows]);

  return (
    <PickDialog
      title="Assign devices"
      description={`to ${username}. Others who see them go on seeing them.`}
      searchLabel="Search by name or description"
      search={search}
      onSearch={setSearch}
      query={devices}
      choices={rows.map(({ id, name, description }) => ({ id, name, detail: details.get(id) ?? (description || undefined) }))}
      confirm={(count) => (count === 0 ? 'Assign' : count === 1 ? 'Assign 1 device' : `Assign ${count} devices`)}
      {...rest}
    />
  );
}
