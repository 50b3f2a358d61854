import { FileUp, PlugZap, Plus } from 'lucide-react';
import { Link } from 'react-router';
import { buttonStyle } from '@/components/ui/Button';
import type { Column } from '@/components/ui/DataTable';
import { Name } from '@/components/ui/Name';
import { PagedTable } from '@/components/ui/PagedTable';
import { PageHeader } from '@/components/ui/PageHeader';
import { Segments } from '@/components/ui/Segments';
import { SearchBox } from '@/components/ui/SearchBox';
import { StateMessage } from '@/components/ui/StateMessage';
import { formatEnergy, formatPrice } from '@/lib/energy';
import { formatDate } from '@/lib/time';
import { useSearchParam } from '@/lib/useSearchParam';
import { useSort } from '@/lib/useSort';
import { useRegistry, type RegisteredDevice } from '../api/registry';
import { SilentDevices } from '../components/SilentDevices';
import { LastSeen, Today } from '../components/ReportingCells';

const columns: Column<RegisteredDevice>[] = [
  {
    header: 'Name',
    sort: 'name',
    cell: ({ id, name, description }) => (
      <>
        <Link to={`/devices/${id}/edit`} className="block font-semibold after:absolute after:inset-0">
          <Name truncate>{name}</Name>
        </Link>
        {description && (
          <Name truncate className="text-xs text-ink-faint">
            {description}
          </Name>
        )}
      </>
    ),
  },
  { header: 'Last reading', className: 'w-36', cell: (device) => <LastSeen device={device} /> },
  { header: 'Readings today', className: 'w-36 max-md:hidden', cell: (device) => <Today device={device} /> },
  {
    header: 'Limit per hour',
    sort: '-max_consumption',
    className: 'w-32 max-lg:hidden',
    cell: ({ max_consumption }) => formatEnergy(max_consumption),
  },
  {
    header: 'Price per kWh',
    sort: 'price',
    className: 'w-32 max-xl:hidden',
    cell: ({ price }) => (price == null ? <span className="text-ink-faint">None</span> : formatPrice(price)),
  },
  {
    header: 'Zone',
    sort: 'time_zone',
    className: 'w-44 max-lg:hidden',
    cell: ({ time_zone }) => <span className="block truncate text-ink-soft">{time_zone}</span>,
  },
  {
    header: 'Since',
    sort: '-created_at',
    className: 'w-36 max-xl:hidden',
    cell: ({ created_at }) => <span className="text-ink-soft">{formatDate(new Date(created_at))}</span>,
  },
];

const filters = [
  { value: '', label: 'All' },
  { value: 'silent', label: 'Silent' },
];

/** `/devices?q=&sort=&show=`: every device, or those that are silent, and how well it reports. */
export function Component() {
  const [search, setSearch] = useSearchParam('q');
  const [show, setShow] = useSearchParam('show');
  const silent = show === 'silent';
  const order = useSort(columns, 'name');
  const devices = useRegistry({ search, sort: order.sort });

  return (
    <>
      <PageHeader
        title="Devices"
        actions={
          <>
            <Link to="/devices/import" className={buttonStyle()}>
              <FileUp aria-hidden="true" className="size-4" />
              Import
            </Link>
            <Link to="/devices/new" className={buttonStyle('primary')}>
              <Plus aria-hidden="true" className="size-4" />
              New device
            </Link>
          </>
        }
      />
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <div className="grow sm:max-w-80">
          <SearchBox
            label={silent ? 'Search by name' : 'Search by name, description or external id'}
            value={search}
            onChange={setSearch}
          />
        </div>
        <Segments label="Show" value={silent ? 'silent' : ''} options={filters} onChange={setShow} />
      </div>
      {silent ? (
        <SilentDevices search={search} />
      ) : (
        <PagedTable
          label="Devices"
          query={devices}
          columns={columns}
          rowKey={({ id }) => id}
          order={order}
          empty={
            <StateMessage level={2} icon={PlugZap} title={search ? 'No device is found' : 'No devices yet'}>
              {search
                ? 'Try a shorter part of the name, the description or the external id.'
                : 'Create the first one. Readings that its meter has sent already are counted as soon as it is known.'}
            </StateMessage>
          }
        />
      )}
    </>
  );
}
