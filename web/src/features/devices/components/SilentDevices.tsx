import { CircleCheck } from 'lucide-react';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { Badge } from '@/components/ui/Badge';
import { DataTable, TableSkeleton, type Column } from '@/components/ui/DataTable';
import { ErrorState } from '@/components/ui/ErrorState';
import { Name } from '@/components/ui/Name';
import { StateMessage } from '@/components/ui/StateMessage';
import { formatNumber } from '@/lib/intl';
import { plainName } from '@/lib/name';
import { formatAgo, formatMoment } from '@/lib/time';
import { useLastError } from '@/lib/useLastError';
import { useNow } from '@/lib/useNow';
import { useSilent, type SilentDevice } from '../api/silent';
import { namesakes } from '../namesakes';

/** The devices that have fallen silent, the last first, and those that never reported. */
export function SilentDevices({ search }: { search: string }) {
  const silent = useSilent(true);
  const error = useLastError(silent);
  const now = useNow(15_000);
  const details = useMemo(() => namesakes(silent.data?.devices ?? []), [silent.data]);
  const columns = useMemo(
    (): Column<SilentDevice>[] => [
      {
        header: 'Name',
        cell: ({ id, name }) => (
          <>
            <Link to={`/devices/${id}/edit`} className="block font-semibold after:absolute after:inset-0">
              <Name truncate>{name}</Name>
            </Link>
            {details.has(id) && <span className="block truncate text-xs text-ink-faint">{details.get(id)}</span>}
          </>
        ),
      },
      {
        header: 'Last reading',
        className: 'w-36',
        cell: ({ last_reading: last }) =>
          last === null ? (
            <Badge>Never</Badge>
          ) : (
            <time dateTime={last} title={formatMoment(new Date(last))}>
              <Badge tone="bad">{formatAgo(new Date(last), now)}</Badge>
            </time>
          ),
      },
      {
        header: 'Zone',
        className: 'w-44 max-lg:hidden',
        cell: ({ time_zone: zone }) => <span className="block truncate text-ink-soft">{zone}</span>,
      },
    ],
    [details, now],
  );

  if (error) {
    return (
      <div className="card">
        <ErrorState level={2} error={error} retrying={silent.isFetching} onRetry={() => void silent.refetch()} />
      </div>
    );
  }
  if (!silent.data) return <TableSkeleton />;

  const { count, devices } = silent.data;
  const wanted = search.toLocaleLowerCase();
  const rows = devices.filter(({ name }) => plainName(name).toLocaleLowerCase().includes(wanted));

  return (
    <>
      {count > devices.length && (
        <p className="mb-3 text-sm text-ink-soft">
          {formatNumber(count)} are silent; these are {formatNumber(devices.length)} of them, those that were heard of last first.
        </p>
      )}
      {rows.length === 0 ? (
        <div className="card">
          <StateMessage level={2} icon={CircleCheck} title={search ? 'No silent device is called that' : 'No device is silent'}>
            {search ? 'Try a shorter part of the name.' : 'All of them report as they should.'}
          </StateMessage>
        </div>
      ) : (
        <DataTable label="Silent devices" columns={columns} rows={rows} rowKey={({ id }) => id} />
      )}
    </>
  );
}
