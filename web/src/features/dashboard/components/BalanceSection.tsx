import { clsx } from 'clsx';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { IconButton } from '@/components/ui/Button';
import { ErrorState } from '@/components/ui/ErrorState';
import { Skeleton } from '@/components/ui/Skeleton';
import { Fold } from '@/features/consumption/components/BarTable';
import type { Device } from '@/features/devices/api/devices';
import { formatEnergy, formatShare } from '@/lib/energy';
import { formatNumber } from '@/lib/intl';
import { useToday } from '@/lib/useNow';
import { useSearchParam } from '@/lib/useSearchParam';
import { firstOfMonth, formatDay, isDay, lastOfMonth, stepMonth, type Day } from '@/lib/zone';
import { useBalance, type Balance } from '../api/balance';
import { partsOf } from '../lib/balance';
import { SignedBars, type Column } from './SignedBars';

/** A month of production: how much of it was used, and how much of what was used came from it. */
export function BalanceSection({ devices }: { devices: readonly Device[] }) {
  const today = useToday(devices[0]?.time_zone ?? 'UTC');
  const [wanted, setWanted] = useSearchParam('month');
  const running = firstOfMonth(today);
  const asked = `${wanted}-01`;
  const first = isDay(asked) && asked < running ? asked : running;
  const query = useBalance(
    devices.map(({ id }) => id),
    first,
    lastOfMonth(first),
    first === running,
  );
  const show = (month: Day) => setWanted(month >= running ? '' : month.slice(0, 7));

  return (
    <section aria-labelledby="balance" className="card">
      <div className="p-5 lg:p-7">
        <header className="flex flex-wrap items-center justify-between gap-3">
          <h2 id="balance" aria-live="polite" className="text-sm font-semibold text-ink-soft">
            Own production in {formatDay(first, { month: 'long', year: 'numeric' })}
          </h2>
          <div className="flex gap-1">
            <IconButton label="Month before" onClick={() => show(stepMonth(first, -1))}>
              <ChevronLeft aria-hidden="true" className="size-5" />
            </IconButton>
            <IconButton label="Month after" disabled={first >= running} onClick={() => show(stepMonth(first, 1))}>
              <ChevronRight aria-hidden="true" className="size-5" />
            </IconButton>
          </div>
        </header>
        {query.data ? (
          <div className={clsx('mt-4 transition-opacity', query.isPlaceholderData && 'opacity-40')}>
            <Figures balance={query.data} />
            <div className="pt-12">
              <SignedBars columns={query.data.data.map(columnOf)} narrowEvery={10} />
            </div>
            <Legend balance={query.data} />
          </div>
        ) : query.isError ? (
          <ErrorState level={2} error={query.error} retrying={query.isFetching} onRetry={() => void query.refetch()} />
        ) : (
          <div role="status" className="mt-4">
            <span className="sr-only">Loading the production</span>
            <Skeleton className="h-72 w-full" />
          </div>
        )}
      </div>
      {query.data && <BalanceTable balance={query.data} />}
    </section>
  );
}

function Figures({ balance: { total } }: { balance: Balance }) {
  const { self_consumption_rate: used, self_sufficiency: covered } = total;

  return (
    <dl className="grid grid-cols-2 gap-x-8 gap-y-4 sm:flex sm:flex-wrap sm:gap-x-12">
      {total.production !== null && (
        <Figure name="Produced" note={used !== null && `${formatShare(used)} of it used here`}>
          {formatEnergy(total.production)}
        </Figure>
      )}
      {total.feed_in !== null && <Figure name="Fed in">{formatEnergy(total.feed_in)}</Figure>}
      {total.usage !== null && (
        <Figure name="Used" note={covered !== null && `${formatShare(covered)} of it from the own production`}>
          {formatEnergy(total.usage)}
        </Figure>
      )}
      {total.incomplete_hours > 0 && (
        <Figure name="Incomplete hours" note={`of ${formatNumber(total.measured_hours)}, in no share`}>
          {formatNumber(total.incomplete_hours)}
        </Figure>
      )}
    </dl>
  );
}

const Figure = ({ name, note, children }: { name: string; note?: string | false; children: ReactNode }) => (
  <div>
    <dt className="text-sm text-ink-soft">{name}</dt>
    <dd>
      <span className="block text-xl font-semibold tabular-nums">{children}</span>
      {note && <span className="block text-xs text-ink-faint tabular-nums">{note}</span>}
    </dd>
  </div>
);

const colors = { own: '--device-3', taken: '--device-1', given: '--device-5' };

const names = (balance: Balance) => ({
  own: 'Used of the own production',
  taken: balance.total.feed_in === null ? 'Used of other energy' : 'Taken from the grid',
  given: balance.total.feed_in === null ? 'Other production' : 'Fed into the grid',
});

function columnOf(row: Balance['data'][number]): Column {
  const { own, taken, given } = partsOf(row);
  const date = row.date ?? '';
  const number = Number(date.slice(8));

  return {
    key: date,
    title: `${formatDay(date, { dateStyle: 'medium' })}\n${formatEnergy(own + taken)} used, ${formatEnergy(own)} of it own, ${formatEnergy(given)} given`,
    tick: formatDay(date, { day: 'numeric' }),
    labelled: number % 5 === 1 && number < 31,
    up: [
      { key: 'own', color: colors.own, energy: own },
      { key: 'taken', color: colors.taken, energy: taken },
    ],
    down: [{ key: 'given', color: colors.given, energy: given }],
  };
}

function Legend({ balance }: { balance: Balance }) {
  const sums = partsOf(balance.total);
  const words = names(balance);

  return (
    <ul className="mt-4 flex flex-wrap gap-x-5 gap-y-1.5 text-xs text-ink-soft">
      {(['own', 'taken', 'given'] as const)
        .filter((part) => sums[part] > 0)
        .map((part) => (
          <li key={part} className="flex items-center gap-2">
            <span aria-hidden="true" className="size-3 rounded-[3px]" style={{ backgroundColor: `var(${colors[part]})` }} />
            {words[part]}
          </li>
        ))}
    </ul>
  );
}

function BalanceTable({ balance }: { balance: Balance }) {
  const [open, setOpen] = useState(false);
  const words = names(balance);

  return (
    <Fold summary="Day by day" onToggle={setOpen}>
      {open && (
        <table className="w-full text-sm tabular-nums">
          <caption className="sr-only">Use and production by day</caption>
          <thead className="text-left text-ink-faint">
            <tr className="border-b border-line align-bottom [&>th]:py-2 [&>th]:pr-4 [&>th]:font-medium">
              <th scope="col">Day</th>
              {[words.own, words.taken, words.given, 'Incomplete hours'].map((name) => (
                <th key={name} scope="col" className="min-w-24 text-right">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {balance.data.map((row) => {
              const { own, taken, given } = partsOf(row);
              const energy = (kwh: number) => (row.measured_hours === 0 ? '–' : formatEnergy(kwh));

              return (
                <tr key={row.date} className="border-b border-line last:border-0 [&>*]:py-1.5 [&>*]:pr-4">
                  <th scope="row" className="text-left font-normal whitespace-nowrap">
                    {formatDay(row.date ?? '', { weekday: 'short', day: 'numeric', month: 'short' })}
                  </th>
                  {[
                    energy(own),
                    energy(taken),
                    energy(given),
                    row.incomplete_hours === 0 ? '' : formatNumber(row.incomplete_hours),
                  ].map((text, index) => (
                    <td key={index} className="text-right font-semibold whitespace-nowrap">
                      {text}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Fold>
  );
}
