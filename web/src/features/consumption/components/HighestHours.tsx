import { useMemo, useState } from 'react';
import { Button } from '@/components/ui/Button';
import { ErrorState } from '@/components/ui/ErrorState';
import { Skeleton } from '@/components/ui/Skeleton';
import type { Device } from '@/features/devices/api/devices';
import { useLiveStatus } from '@/lib/liveStatus';
import type { Measure } from '@/lib/measure';
import type { Day } from '@/lib/zone';
import { useRange } from '../api/range';
import { highestHours } from '../lib/highest';
import { isCurrent, type Period } from '../lib/period';
import type { Wish } from '../lib/useView';

interface Props {
  device: Device;
  color: string;
  period: Period;
  measure: Measure;
  today: Day;
  onChange: (wish: Wish) => void;
}

/** The period's hours with the most energy, or the most expensive ones; each leads to its day. */
export function HighestHours({ device, color, period, measure, today, onChange }: Props) {
  const [wanted, setWanted] = useState(false);
  const many = period.granularity === 'month';
  const live = useLiveStatus() === 'live';
  const range = { first: period.first, last: period.last, granularity: 'hour' as const };
  const query = useRange(device.id, range, { current: isCurrent(period, today), live, enabled: !many || wanted });
  const { data, error } = query;

  const hours = useMemo(
    () => data && highestHours(data, device.max_consumption, new Date(), measure.kind),
    [data, device.max_consumption, measure.kind],
  );
  const most = hours?.[0]?.hour.energy ?? 1;

  return (
    <section className="card mt-5 p-5 lg:p-7" aria-labelledby="highest">
      <h2 id="highest" className="text-sm font-semibold text-ink-soft">
        Highest hours
      </h2>
      {many && !wanted ? (
        <div className="mt-3 flex flex-wrap items-center justify-between gap-3">
          <p className="text-sm text-ink-soft">A year has up to 8,784 of them; they are looked through when you ask.</p>
          <Button onClick={() => setWanted(true)}>Find them</Button>
        </div>
      ) : error && !hours ? (
        <ErrorState level={2} error={error} retrying={query.isFetching} onRetry={() => void query.refetch()} />
      ) : !hours ? (
        <div role="status" className="mt-4 grid gap-3">
          <span className="sr-only">Looking for the highest hours</span>
          <Skeleton className="h-6" />
          <Skeleton className="h-6 w-4/5" />
          <Skeleton className="h-6 w-3/4" />
        </div>
      ) : (
        <ol className="mt-3 grid gap-1" aria-busy={query.isPlaceholderData}>
          {hours.map(({ hour, date, name }) => (
            <li key={hour.key}>
              <button
                type="button"
                onClick={() => onChange({ span: 'day', day: date })}
                className="grid w-full grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1.5 rounded-xl px-2 py-2 text-left text-sm hover:bg-sunken"
              >
                <span className="truncate">{name}</span>
                <span className={`font-semibold tabular-nums ${hour.over ? 'text-alert' : ''}`}>
                  {measure.format(hour.energy ?? 0)}
                  {hour.over && <span className="sr-only">, over the limit</span>}
                </span>
                <span aria-hidden="true" className="col-span-2 h-1.5 overflow-hidden rounded-full bg-sunken">
                  <span
                    className="block h-full rounded-full"
                    style={{
                      width: `${((hour.energy ?? 0) / most) * 100}%`,
                      background: hour.over ? 'var(--alert)' : `var(${color})`,
                    }}
                  />
                </span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
