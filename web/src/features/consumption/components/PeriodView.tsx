import { clsx } from 'clsx';
import { ChartNoAxesColumn } from 'lucide-react';
import { lazy, Suspense, useMemo } from 'react';
import { Button } from '@/components/ui/Button';
import { ErrorState } from '@/components/ui/ErrorState';
import { StateMessage } from '@/components/ui/StateMessage';
import { endOf, type Device } from '@/features/devices/api/devices';
import { ForecastSection } from '@/features/forecast/components/ForecastSection';
import { download } from '@/lib/download';
import { useLiveStatus } from '@/lib/liveStatus';
import { energy, moneyIn } from '@/lib/measure';
import { useLastError } from '@/lib/useLastError';
import { useNow } from '@/lib/useNow';
import type { Day } from '@/lib/zone';
import { useRange, type RangeConsumption } from '../api/range';
import { comparePeriods } from '../lib/compare';
import { fileName, periodCsv } from '../lib/csv';
import { hoursOverByDay } from '../lib/highest';
import { comparedPeriod, comparisonName, isCurrent, periodTitle, type Period } from '../lib/period';
import { readPeriod, type PeriodModel } from '../lib/periodModel';
import type { PeriodPicture } from '../lib/periodOption';
import type { View, Wish } from '../lib/useView';
import { BarTable } from './BarTable';
import { ChartLegend } from './ChartLegend';
import { HighestHours } from './HighestHours';
import { LiveMark } from './LiveMark';
import { PeriodFigures } from './PeriodFigures';
import { ChartSkeleton, PeriodSkeleton } from './PeriodSkeleton';
import { Refused } from './Refused';
import { ViewTools } from './ViewTools';

const loadChart = () => import('./PeriodChart');
const PeriodChart = lazy(loadChart);

// The chart's code comes along with the first figures, not after them.
void loadChart();

interface Props {
  device: Device;
  color: string;
  view: View;
  today: Day;
  onChange: (wish: Wish) => void;
}

const chartHeight = 'h-72 w-full lg:h-84';
const none: ReadonlyMap<string, number> = new Map();

/** A device's period: figures, chart, and the same again as a table. */
export function PeriodView({ device, color, view, today, onChange }: Props) {
  const { period, comparison } = view;
  const current = isCurrent(period, today);
  const live = useLiveStatus() === 'live';
  const now = useNow(15_000);
  const query = useRange(device.id, period, { current, live });
  const error = useLastError(query);
  const { data, isPlaceholderData: stale, dataUpdatedAt } = query;
  const measure = view.money ? moneyIn(data?.currency) : energy;

  const other = comparedPeriod(period, comparison ?? 'previous');
  const compared = useRange(device.id, other, { current: false, live, enabled: comparison !== null });

  // Days tell of their hours over the limit; a year has too many hours to ask for them unasked.
  const byHour = { first: period.first, last: period.last, granularity: 'hour' as const };
  const hours = useRange(device.id, byHour, { current, live, enabled: period.granularity === 'day' });

  const model = useMemo(
    () => data && readPeriod(data, device.max_consumption, now, measure.kind),
    [data, device.max_consumption, now, measure.kind],
  );
  const comparedModel = useMemo(
    () =>
      comparison && compared.data && !compared.isPlaceholderData
        ? readPeriod(compared.data, device.max_consumption, now, measure.kind)
        : null,
    [comparison, compared.data, compared.isPlaceholderData, device.max_consumption, now, measure.kind],
  );
  const beside = useMemo(() => model && comparedModel && comparePeriods(model, comparedModel), [model, comparedModel]);
  const hoursOver = useMemo(
    () =>
      period.granularity === 'day' && hours.data && !hours.isPlaceholderData
        ? hoursOverByDay(hours.data, device.max_consumption)
        : none,
    [period.granularity, hours.data, hours.isPlaceholderData, device.max_consumption],
  );
  const name = comparison && comparisonName(period, comparison);
  const picture = useMemo<PeriodPicture | undefined>(
    () => model && { period: model, measure, compared: beside && name ? { energies: beside.energies, name } : null, hoursOver },
    [model, measure, beside, name, hoursOver],
  );

  /** The picture in energy, in whatever it is told. */
  function inEnergy(range: RangeConsumption): PeriodPicture {
    const read = (one: RangeConsumption) => readPeriod(one, device.max_consumption, now);
    const whole = read(range);
    const otherEnergies = comparedModel && compared.data && comparePeriods(whole, read(compared.data)).energies;

    return {
      period: whole,
      measure: energy,
      compared: otherEnergies && name ? { energies: otherEnergies, name } : null,
      hoursOver,
    };
  }

  if (error) {
    return (
      <div className="card">
        <ErrorState level={2} error={error} retrying={query.isFetching} onRetry={() => void query.refetch()} />
      </div>
    );
  }

  if (!model || !picture) return <PeriodSkeleton />;

  const title = periodTitle(period, today);
  const open = (index: number) => {
    const key = model.bars[index]?.key;
    if (key) onChange(period.granularity === 'month' ? { span: 'month', day: `${key}-01` } : { span: 'day', day: key });
  };

  return (
    <>
      <section className="card" aria-labelledby="period" aria-busy={stale}>
        <div className="p-5 pb-4 lg:p-7 lg:pb-5">
          <div className="mb-5 flex flex-wrap items-center gap-x-4 gap-y-3">
            <div className="mr-auto">
              <h2 id="period" aria-live="polite" className="text-sm font-semibold text-ink-soft">
                {title}
              </h2>
              {current && !query.isError && <LiveMark live={live} updatedAt={dataUpdatedAt} />}
            </div>
            <ViewTools
              device={device}
              view={view}
              onChange={onChange}
              onExport={
                data && model.hasReadings && !stale
                  ? () => download(fileName(device.name, period.first, period.last), periodCsv(inEnergy(data), device))
                  : undefined
              }
            />
          </div>

          <Refused device={device} period={period} />
          <div className={clsx('transition-opacity', stale && 'opacity-40')}>
            {model.hasReadings ? (
              <>
                {comparison !== null && lacks(compared) && <Missing what="The comparison" query={compared} />}
                {lacks(hours) && <Missing what="Which hours were over the limit" query={hours} />}
                <PeriodFigures
                  period={model}
                  measure={measure}
                  price={device.price}
                  hoursOver={model.hoursOver + sum(hoursOver.values())}
                  comparison={name && comparedModel ? { name, fair: beside?.fair ?? null } : null}
                />
                <Suspense fallback={<ChartSkeleton className={`mt-6 ${chartHeight}`} />}>
                  <div className="mt-6">
                    <PeriodChart
                      picture={picture}
                      color={color}
                      label={describe(device, title, picture)}
                      className={chartHeight}
                      onOpen={period.granularity === 'hour' ? undefined : open}
                    />
                  </div>
                </Suspense>
                <ChartLegend picture={picture} title={title} color={color} />
              </>
            ) : (
              <NoReadings
                period={period}
                current={current}
                every={device.reporting_interval_seconds}
                expected={data !== undefined && data.expected_count > 0}
              />
            )}
          </div>

          <ClockNotes period={model} />
        </div>

        {model.hasReadings && (
          <BarTable picture={picture} caption={`${device.name}, ${title}, ${measure.kind} by ${model.granularity}`} />
        )}
      </section>

      {period.span === 'month' && current && endOf(device) === null && <ForecastSection key={device.id} device={device} />}

      {period.granularity !== 'hour' && model.hasReadings && (
        <HighestHours device={device} color={color} period={period} measure={measure} today={today} onChange={onChange} />
      )}
    </>
  );
}

/** Whether a query has failed that has never succeeded. What is only old is said for the whole page. */
const lacks = ({ isError, data }: { isError: boolean; data: unknown }) => isError && data === undefined;

/** Something beside the period itself could not be loaded: without a word it would look as if there were none. */
const Missing = ({ what, query }: { what: string; query: Pick<ReturnType<typeof useRange>, 'isFetching' | 'refetch'> }) => (
  <p role="alert" className="mb-4 flex flex-wrap items-center gap-3 rounded-xl bg-alert-soft px-4 py-2 text-sm">
    {what} could not be loaded.
    <Button tone="quiet" busy={query.isFetching} onClick={() => void query.refetch()}>
      Try again
    </Button>
  </p>
);

/** What is unusual about the period's clock. */
export function ClockNotes({ period: { clockChange, foreignZone, bars } }: { period: PeriodModel }) {
  if (!clockChange && !foreignZone) return null;

  return (
    <p className="mt-4 text-xs text-ink-faint">
      {clockChange && `Clocks go ${clockChange} on this day: it has ${bars.length} hours. `}
      {foreignZone && `Times are those of the device’s zone, ${foreignZone.name} (${foreignZone.offset}), not of yours.`}
    </p>
  );
}

interface NoReadingsProps {
  period: Period;
  current: boolean;
  every: number;
  expected: boolean;
}

function NoReadings({ period, current, every, expected }: NoReadingsProps) {
  const minutes = Math.max(1, Math.round(every / 60));
  const day = period.span === 'day';

  return (
    <StateMessage
      level={2}
      icon={ChartNoAxesColumn}
      title={
        current ? (day ? 'No readings yet today' : 'No readings yet') : `No readings ${day ? 'on this day' : 'in this time'}`
      }
    >
      {current
        ? `The meter reports about every ${minutes === 1 ? 'minute' : `${minutes} minutes`}. Bars appear here by themselves as soon as it does.`
        : !expected
          ? 'None were expected: the device wasn’t there yet, or it wasn’t yours.'
          : 'The meter sent nothing, so the consumption is unknown, not zero. Step to another time, or choose one in the calendar.'}
    </StateMessage>
  );
}

function describe(device: Device, title: string, { period, measure, hoursOver, compared }: PeriodPicture) {
  const { total, peak, bars, granularity } = period;
  const missing = bars.filter(({ state }) => state === 'missing').length;
  const over = period.hoursOver + sum(hoursOver.values());

  return [
    `Bar chart of ${device.name} by ${granularity}, ${title}.`,
    `Total ${measure.format(total)}.`,
    peak?.energy != null && `Peak ${measure.format(peak.energy)} at ${peak.name}.`,
    over > 0 && `${over} ${over === 1 ? 'hour' : 'hours'} over the limit.`,
    missing > 0 && `${missing} without data.`,
    compared && `Beside it ${compared.name}.`,
    'All figures are in the table below.',
  ]
    .filter(Boolean)
    .join(' ');
}

const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, number) => total + number, 0);
