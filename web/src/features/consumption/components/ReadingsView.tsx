import { Activity, ChevronLeft, ChevronRight, Maximize, ZoomIn, ZoomOut } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { IconButton } from '@/components/ui/Button';
import { ErrorState } from '@/components/ui/ErrorState';
import { StateMessage } from '@/components/ui/StateMessage';
import type { Device } from '@/features/devices/api/devices';
import { download } from '@/lib/download';
import { formatEnergy, formatPower, powerOf } from '@/lib/energy';
import { formatNumber } from '@/lib/intl';
import { useLastError } from '@/lib/useLastError';
import { useLiveStatus } from '@/lib/liveStatus';
import { useNow } from '@/lib/useNow';
import { formatOffset, offsetIn, startOf, stepDay, viewerOffset, type Day } from '@/lib/zone';
import { useReadings } from '../api/readings';
import { fileName, readingsCsv } from '../lib/csv';
import { isCurrent, periodTitle } from '../lib/period';
import { isOpen, powerLine, type Reading } from '../lib/readings';
import { moved, zoomed, type Window } from '../lib/readingsOption';
import { clocksChange, momentName } from '../lib/timeAxis';
import type { View, Wish } from '../lib/useView';
import { Fold } from './BarTable';
import { LiveMark } from './LiveMark';
import { ChartSkeleton, PeriodSkeleton } from './PeriodSkeleton';
import { ViewTools } from './ViewTools';

const ReadingsChart = lazy(() => import('./ReadingsChart'));

interface Props {
  device: Device;
  color: string;
  view: View;
  today: Day;
  onChange: (wish: Wish) => void;
}

const chartHeight = 'h-80 w-full lg:h-96';

/** What the meter really sent, as a line of average power to zoom into. */
export function ReadingsView({ device, color, view, today, onChange }: Props) {
  const { period } = view;
  const { first, last } = period;
  const current = isCurrent(period, today);
  const query = useReadings(device.id, first, last, current);
  const error = useLastError(query);
  const { data, isPlaceholderData: stale } = query;
  const [choice, setChoice] = useState<{ of: string; seen: Window } | null>(null);

  const live = useLiveStatus() === 'live';
  const now = useNow(60_000).getTime();
  const interval = device.reporting_interval_seconds * 1000;
  const from = startOf(first, device.time_zone);
  // A simulated clock may run ahead of the real one.
  const newest = data?.at(-1);
  const reached = Math.max(now, newest ? Date.parse(newest.timestamp) + interval : 0);
  const to = Math.min(startOf(stepDay(last, 1), device.time_zone), reached);
  const whole = useMemo<Window>(() => [from, to], [from, to]);
  const points = useMemo(
    () => data && powerLine(data, device.reporting_interval_seconds, whole, current),
    [data, device.reporting_interval_seconds, whole, current],
  );

  // What is seen belongs to one period of one device; elsewhere everything is seen again.
  const of = `${device.id} ${first} ${last}`;
  const seen = choice?.of === of ? choice.seen : whole;
  const see = (next: Window) => setChoice(next[0] <= whole[0] && next[1] >= whole[1] ? null : { of, seen: next });

  if (error) {
    return (
      <div className="card">
        <ErrorState level={2} error={error} retrying={query.isFetching} onRetry={() => void query.refetch()} />
      </div>
    );
  }

  // Readings of another period say nothing about this one.
  if (!data || !points || stale) return <PeriodSkeleton />;

  const title = periodTitle(period, today);
  const inSight = data.filter(({ timestamp }) => isWithin(Date.parse(timestamp), seen));
  const kilowatts = ({ energy, seconds = device.reporting_interval_seconds }: Reading) => powerOf(energy, seconds);
  const highest = inSight.reduce<Reading | null>((best, one) => (best && kilowatts(one) <= kilowatts(best) ? best : one), null);
  const power = (reading: Reading) => formatPower(kilowatts(reading));
  const least = 2 * interval;
  const ambiguous = clocksChange(from, to, device.time_zone);
  const name = (moment: number) => momentName(moment, device.time_zone, ambiguous);
  const all = seen[0] <= whole[0] && seen[1] >= whole[1];
  const foreign = offsetIn(device.time_zone, new Date(from)) !== viewerOffset(new Date(from));

  return (
    <section className="card" aria-labelledby="readings">
      <div className="p-5 pb-4 lg:p-7 lg:pb-5">
        <div className="mb-5 flex flex-wrap items-center gap-x-4 gap-y-3">
          <div className="mr-auto">
            <h2 id="readings" aria-live="polite" className="text-sm font-semibold text-ink-soft">
              {title}
            </h2>
            {current && !query.isError && <LiveMark live={live} updatedAt={query.dataUpdatedAt} />}
          </div>
          <ViewTools
            device={device}
            view={view}
            onChange={onChange}
            onExport={
              inSight.length > 0
                ? () => download(fileName(device.name, first, last, 'readings'), readingsCsv(inSight, device))
                : undefined
            }
          />
        </div>

        {data.length === 0 ? (
          <StateMessage level={2} icon={Activity} title="No readings in this time">
            Either the meter sent nothing, or its readings are no longer kept; hours and days stay longer than readings do.
          </StateMessage>
        ) : (
          <div>
            <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
              <p aria-live="polite">
                <span className="text-3xl leading-none font-semibold tracking-tight tabular-nums">
                  {formatNumber(inSight.length)}
                  <span className="ml-1.5 text-lg font-medium text-ink-soft">
                    {inSight.length === 1 ? 'reading' : 'readings'}
                  </span>
                </span>
                <span className="mt-1.5 block text-xs text-ink-faint tabular-nums">
                  {name(seen[0])} – {name(seen[1])}
                  {highest && `, highest ${power(highest)}`}
                </span>
              </p>
              <div role="group" aria-label="Zoom" className="flex">
                <IconButton label="Earlier" disabled={seen[0] <= whole[0]} onClick={() => see(moved(seen, -1, whole))}>
                  <ChevronLeft aria-hidden="true" className="size-5" />
                </IconButton>
                <IconButton label="Later" disabled={seen[1] >= whole[1]} onClick={() => see(moved(seen, 1, whole))}>
                  <ChevronRight aria-hidden="true" className="size-5" />
                </IconButton>
                <IconButton label="Zoom in" disabled={seen[1] - seen[0] <= least} onClick={() => see(zoomed(seen, 0.5, whole))}>
                  <ZoomIn aria-hidden="true" className="size-5" />
                </IconButton>
                <IconButton label="Zoom out" disabled={all} onClick={() => see(zoomed(seen, 2, whole))}>
                  <ZoomOut aria-hidden="true" className="size-5" />
                </IconButton>
                <IconButton label="Show all" disabled={all} onClick={() => setChoice(null)}>
                  <Maximize aria-hidden="true" className="size-5" />
                </IconButton>
              </div>
            </div>
            <Suspense fallback={<ChartSkeleton className={`mt-4 ${chartHeight}`} />}>
              <ReadingsChart
                points={points}
                zone={device.time_zone}
                whole={whole}
                seen={seen}
                onSee={see}
                least={least}
                color={color}
                label={`Line of ${device.name}’s power, ${title}, ${inSight.length} readings${highest ? `, highest ${power(highest)} at ${name(Date.parse(highest.timestamp))}` : ''}. The readings are in the table below.`}
                className={`mt-4 ${chartHeight}`}
              />
            </Suspense>
            <p className="mt-3 text-xs text-ink-faint">
              Average power between readings. Grey where there are none. Drag the handles, pinch, or hold Ctrl and scroll to zoom.
              {foreign &&
                ` Times are those of the device’s zone, ${device.time_zone} (${formatOffset(offsetIn(device.time_zone, new Date(from)))}), not of yours.`}
            </p>
          </div>
        )}
      </div>
      {inSight.length > 0 && <ReadingsTable readings={inSight} device={device} power={power} name={name} />}
    </section>
  );
}

const rowsShown = 200;

function ReadingsTable({
  readings,
  device,
  power,
  name,
}: {
  readings: readonly Reading[];
  device: Device;
  power: (of: Reading) => string;
  name: (moment: number) => string;
}) {
  const registers = readings.some(({ register }) => register !== undefined);

  return (
    <Fold summary="Reading by reading">
      {readings.length > rowsShown && (
        <p className="pb-3 text-sm text-ink-soft">
          The newest {rowsShown} of those in sight. Zoom in for others; the CSV has them all.
        </p>
      )}
      <table className="w-full text-sm tabular-nums">
        <caption className="sr-only">Readings of {device.name}, newest first</caption>
        <thead className="text-left text-ink-faint">
          <tr className="border-b border-line [&>th]:py-2 [&>th]:pr-4 [&>th]:font-medium">
            <th scope="col">Start</th>
            {registers && (
              <th scope="col" className="text-right">
                Register
              </th>
            )}
            <th scope="col" className="text-right">
              Energy
            </th>
            <th scope="col" className="text-right">
              Average power
            </th>
          </tr>
        </thead>
        <tbody>
          {readings
            .slice(-rowsShown)
            .toReversed()
            .map((reading) => (
              <tr key={reading.timestamp} className="border-b border-line last:border-0 [&>*]:py-1.5 [&>*]:pr-4">
                <th scope="row" className="text-left font-normal whitespace-nowrap">
                  {name(Date.parse(reading.timestamp))}
                </th>
                {registers && (
                  <td className="text-right whitespace-nowrap">
                    {reading.register === undefined ? '–' : `${formatNumber(reading.register)} kWh`}
                  </td>
                )}
                <td className="text-right whitespace-nowrap">{isOpen(reading) ? '–' : formatEnergy(reading.energy)}</td>
                <td className="text-right font-semibold whitespace-nowrap">{isOpen(reading) ? '–' : power(reading)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </Fold>
  );
}

const isWithin = (moment: number, [from, to]: Window) => from <= moment && moment < to;
