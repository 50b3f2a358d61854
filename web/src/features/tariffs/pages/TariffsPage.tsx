import { Plus, Tags } from 'lucide-react';
import { Link } from 'react-router';
import { buttonStyle } from '@/components/ui/Button';
import type { Column } from '@/components/ui/DataTable';
import { Name } from '@/components/ui/Name';
import { PagedTable } from '@/components/ui/PagedTable';
import { PageHeader } from '@/components/ui/PageHeader';
import { SearchBox } from '@/components/ui/SearchBox';
import { StateMessage } from '@/components/ui/StateMessage';
import { viewerZone } from '@/lib/intl';
import { formatDate } from '@/lib/time';
import { useSearchParam } from '@/lib/useSearchParam';
import { useSort } from '@/lib/useSort';
import { todayIn } from '@/lib/zone';
import { useTariffs, type Tariff } from '../api/tariffs';
import { dayInWords, pricesInWords, validOn } from '../lib/words';

const columns: Column<Tariff>[] = [
  {
    header: 'Name',
    sort: 'name',
    cell: ({ id, name }) => (
      <Link to={`/tariffs/${id}`} className="block font-semibold after:absolute after:inset-0">
        <Name truncate>{name}</Name>
      </Link>
    ),
  },
  { header: 'Prices today', cell: (tariff) => <PricesToday tariff={tariff} /> },
  {
    header: 'Since',
    sort: '-created_at',
    className: 'w-36 max-lg:hidden',
    cell: ({ created_at }) => <span className="text-ink-soft">{formatDate(new Date(created_at))}</span>,
  },
];

/** `/tariffs?q=&sort=`: what energy costs when. */
export function Component() {
  const [search, setSearch] = useSearchParam('q');
  const order = useSort(columns, 'name');
  const tariffs = useTariffs({ search, sort: order.sort });

  return (
    <>
      <PageHeader
        title="Tariffs"
        actions={
          <Link to="/tariffs/new" className={buttonStyle('primary')}>
            <Plus aria-hidden="true" className="size-4" />
            New tariff
          </Link>
        }
      />
      <div className="mb-4 sm:max-w-80">
        <SearchBox label="Search by name" value={search} onChange={setSearch} />
      </div>
      <PagedTable
        label="Tariffs"
        query={tariffs}
        columns={columns}
        rowKey={({ id }) => id}
        order={order}
        empty={
          <StateMessage level={2} icon={Tags} title={search ? 'No tariff is found' : 'No tariffs yet'}>
            {search
              ? 'Try a shorter part of the name.'
              : 'A tariff has prices by time of day, weekday and season, and base prices. Devices get it on their page. A device without one has its own price.'}
          </StateMessage>
        }
      />
    </>
  );
}

function PricesToday({ tariff: { currency, prices, valid_until } }: { tariff: Tariff }) {
  const today = todayIn(viewerZone());
  const valid = valid_until !== null && valid_until < today ? undefined : validOn(prices, today);
  const [first] = prices;

  if (!valid) {
    return (
      <span className="text-ink-faint">
        {valid_until !== null && valid_until < today
          ? `Ended on ${dayInWords(valid_until)}`
          : `From ${dayInWords(first?.from ?? '')} on`}
      </span>
    );
  }

  return (
    <ul className="text-sm tabular-nums">
      {pricesInWords(valid, currency).map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
