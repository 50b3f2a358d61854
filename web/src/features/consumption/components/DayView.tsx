import { clsx } from 'clsx';
import { ChartNoAxesColumn } from 'lucide-react';
import { lazy, Suspense, useMemo } from 'react';
import { ErrorState } from '@/components/ui/ErrorState';
import { StateMessage } from '@/components/ui/StateMessage';
import type { Device } from '@/features/devices/api/devices';
import { formatEnergy } from '@/lib/energy';
import { formatTime } from '@/lib/time';
import { useLastError } from '@/lib/useLastError';
import { useNow } from '@/lib/useNow';
import { formatDay, stepDay, type Day } from '@/lib/zone';
import { useDailyConsumption } from '../api/daily';
import { readDay, type DayModel } from '../lib/dayModel';
import { ChartLegend } from './ChartLegend';
import { DayFigures } from './DayFigures';
import { ChartSkeleton, DaySkeleton } from './DaySkeleton';
import { HourTable } from './HourTable';

const loadChart = () => import('./HourlyChart');
const HourlyChart = lazy(loadChart);

// The chart's code comes along with the first figures, not after them.
void loadChart();

interface Props {
  device: Device;
  color: string;
  day: Day;
  today: Day;
}

const chartHeight = 'h-72 w-full lg:h-84';

/** A device's day: figures, chart, and the same again as a table. */
export function DayView({ device, color, day, today }: Props) {
  const live = day === today;
  const query = useDailyConsumption(device.id, day, live);
  const error = useLastError(query);
  const now = useNow(15_000);
  const { data, isPlaceholderData: stale, dataUpdatedAt } = query;

  const model = useMemo(() => data && readDay(data, device.max_consumption, now), [data, device.max_consumption, now]);

  if (error) {
    return (
      <div className="card">
        <ErrorState level={2} error={error} retrying={query.isFetching} onRetry={() => void query.refetch()} />
      </div>
    );
  }

  if (!model) return <DaySkeleton />;

  const name = formatDay(day, { dateStyle: 'full' });

  return (
    <section className="card" aria-labelledby="day" aria-busy={stale}>
      <div className="p-5 pb-4 lg:p-7 lg:pb-5">
        <div className="mb-5 flex flex-wrap items-center gap-x-4 gap-y-1">
          <h2 id="day" aria-live="polite" className="mr-auto text-sm font-semibold text-ink-soft">
            {live ? 'Today so far' : day === stepDay(today, -1) ? `Yesterday, ${name}` : name}
          </h2>
          {live && !query.isError && <LiveMark updatedAt={dataUpdatedAt} />}
        </div>

        <div className={clsx('transition-opacity', stale && 'opacity-40')}>
          {model.hasReadings ? (
            <>
              <DayFigures day={model} price={device.price} />
              <Suspense fallback={<ChartSkeleton className={`mt-6 ${chartHeight}`} />}>
                <HourlyChart day={model} color={color} label={describe(device, name, model)} className={`mt-6 ${chartHeight}`} />
              </Suspense>
              <ChartLegend day={model} color={color} />
            </>
          ) : (
            <NoReadings live={live} every={device.reporting_interval_seconds} />
          )}
        </div>

        <DayNotes day={model} />
      </div>

      {model.hasReadings && <HourTable day={model} caption={`${device.name}, ${name}, energy by hour`} />}
    </section>
  );
}

function LiveMark({ updatedAt }: { updatedAt: number }) {
  return (
    <span className="flex items-center gap-2 text-xs text-ink-faint tabular-nums">
      <span aria-hidden="true" className="relative flex size-2">
        <span className="absolute inset-0 animate-ping rounded-full bg-accent opacity-60" />
        <span className="size-2 rounded-full bg-accent" />
      </span>
      Live, as of {formatTime(new Date(updatedAt))}
    </span>
  );
}

/** What is unusual about the day's clock. */
function DayNotes({ day: { clockChange, foreignZone, hours } }: { day: DayModel }) {
  if (!clockChange && !foreignZone) return null;

  return (
    <p className="mt-4 text-xs text-ink-faint">
      {clockChange && `Clocks go ${clockChange} on this day: it has ${hours.length} hours. `}
      {foreignZone && `Times are those of the device’s zone, ${foreignZone.name} (${foreignZone.offset}), not of yours.`}
    </p>
  );
}

function NoReadings({ live, every }: { live: boolean; every: number }) {
  const minutes = Math.max(1, Math.round(every / 60));

  return (
    <StateMessage level={2} icon={ChartNoAxesColumn} title={live ? 'No readings yet today' : 'No readings on this day'}>
      {live
        ? `The meter reports about every ${minutes === 1 ? 'minute' : `${minutes} minutes`}. Bars appear here by themselves as soon as it does.`
        : 'The meter sent nothing for this day, so its consumption is unknown, not zero. Step to another day, or choose one in the calendar.'}
    </StateMessage>
  );
}

function describe(device: Device, name: string, { total, peak, hoursOver, hours }: DayModel) {
  const missing = hours.filter(({ state }) => state === 'missing').length;

  return [
    `Bar chart of ${device.name} by hour, ${name}.`,
    `Total ${formatEnergy(total)}.`,
    peak?.energy != null && `Peak ${formatEnergy(peak.energy)} at ${peak.span}.`,
    hoursOver > 0 && `${hoursOver} over the limit.`,
    missing > 0 && `${missing} without data.`,
    'All figures are in the table below.',
  ]
    .filter(Boolean)
    .join(' ');
}
