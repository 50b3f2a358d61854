import { clsx } from 'clsx';
import type { Ref } from 'react';
import { Link } from 'react-router';
import { Name } from '@/components/ui/Name';
import { costWithBase, type PeriodModel } from '@/features/consumption/lib/periodModel';
import type { Device } from '@/features/devices/api/devices';
import { BudgetWarning } from '@/features/forecast/components/BudgetWarning';
import type { Latest } from '@/features/live/updates';
import { formatEnergy, formatMoney, powerOf, powerParts } from '@/lib/energy';
import { formatAgo } from '@/lib/time';
import type { DeviceDay } from '../lib/overview';
import { projectHour, type Projection } from '../lib/project';
import { formatLength, isSilent } from '../lib/seen';
import { Change } from './Change';
import { Sparkline } from './Sparkline';

interface Props {
  device: Device;
  color: string;
  /** Undefined until its first figures come. */
  day: DeviceDay | undefined;
  latest: Latest | null | undefined;
  /** The caller has set a budget for its months. */
  hasBudget: boolean;
  now: Date;
  /** Tells it from another of the same name. */
  detail: string | undefined;
  watch: Ref<HTMLLIElement>;
  /** In sight. Otherwise it only keeps its place, and its name for those who search the page or go through it by keys. */
  drawn: boolean;
  /** Of the place that it keeps, in pixels. */
  height: number | undefined;
}

const usualHeight = 232;

/** A device at a glance: power now, today's hours, the running hour against the limit; leads to all about it. */
export function DeviceCard({ device, detail, color, day, latest, hasBudget, now, watch, drawn, height = usualHeight }: Props) {
  const running = day?.today.bars.find(({ state }) => state === 'running');
  const projection = projectHour(running, device.reporting_interval_seconds, device.max_consumption, now, latest?.timestamp);
  const silent = isSilent(latest, device.reporting_interval_seconds, now);
  const power = latest && !silent ? powerParts(powerOf(latest.measurement_value, device.reporting_interval_seconds)) : null;

  const cost = day ? costWithBase(day.today) : null;

  return (
    <li
      ref={watch}
      data-id={device.id}
      className="card relative flex min-w-0 flex-col gap-4 p-5 transition-colors focus-within:border-accent hover:border-ink-faint"
      style={drawn ? undefined : { minHeight: height }}
    >
      <div className="flex items-start justify-between gap-3">
        <div className="flex min-w-0 items-center gap-3">
          <span aria-hidden="true" className="h-9 w-1.5 shrink-0 rounded-full" style={{ background: `var(${color})` }} />
          <div className="min-w-0">
            <h3 className="font-semibold">
              <Link
                to={`/consumption/${device.id}`}
                className="block outline-none after:absolute after:inset-0 after:rounded-(--radius-card) after:outline-offset-2 after:outline-accent focus-visible:after:outline-2"
              >
                <Name truncate>{device.name}</Name>
              </Link>
            </h3>
            {detail && <p className="truncate text-xs text-ink-faint">{detail}</p>}
            <p className={clsx('truncate text-xs', silent ? 'text-alert' : 'text-ink-faint')}>
              {latest === undefined
                ? // The hub tells of nothing that has never been.
                  day && !day.today.hasReadings
                  ? 'No reading today'
                  : '\u00a0'
                : latest === null
                  ? 'No reading yet'
                  : silent
                    ? `Silent for ${formatLength(new Date(latest.timestamp), now)}`
                    : `Seen ${formatAgo(new Date(latest.timestamp), now)}`}
            </p>
          </div>
        </div>
        <p className="shrink-0 text-right leading-none">
          <span className="sr-only">Power now </span>
          <span className="text-2xl font-semibold tracking-tight tabular-nums">{power?.value ?? '–'}</span>
          {power && <span className="ml-1 text-sm font-medium text-ink-soft">{power.unit}</span>}
        </p>
      </div>

      {!drawn ? null : day ? (
        <>
          <Sparkline
            day={day.today}
            color={color}
            label={[
              'Today by hour',
              counted(day.today.hoursOver, 'over the limit'),
              counted(gaps(day.today), 'incomplete or missing'),
            ]
              .filter(Boolean)
              .join(', ')}
          />
          <dl className="grid grid-cols-2 gap-3 text-sm">
            <div>
              <dt className="text-xs text-ink-faint">{day.today.produces ? 'Produced today' : 'Today'}</dt>
              <dd className="font-semibold tabular-nums">
                {day.today.hasReadings ? formatEnergy(day.today.total) : 'No readings'}
                {cost !== null && (
                  <span className="ml-2 font-normal text-ink-faint">{formatMoney(cost, day.today.currency)}</span>
                )}
              </dd>
            </div>
            <div>
              <dt className="text-xs text-ink-faint">Against yesterday</dt>
              <dd className="font-semibold tabular-nums">
                <Change against={day.yesterday} />
              </dd>
            </div>
          </dl>
          <HourGauge projection={projection} limit={device.max_consumption} />
          {hasBudget && <BudgetWarning deviceId={device.id} />}
        </>
      ) : (
        <span aria-hidden="true" className="block h-24 animate-pulse rounded-lg bg-sunken" />
      )}
    </li>
  );
}

const counted = (count: number, what: string) => count > 0 && `${count} ${what}`;

const gaps = ({ bars }: PeriodModel) => bars.filter(({ state }) => state === 'incomplete' || state === 'missing').length;

const levels: Record<Projection['level'], { bar: string; text: string; words: string }> = {
  calm: { bar: 'var(--accent)', text: 'text-ink-soft', words: 'Within the limit' },
  near: { bar: 'var(--warn-fill)', text: 'text-warn', words: 'Close to the limit' },
  over: { bar: 'var(--alert)', text: 'text-alert', words: 'Heading over the limit' },
};

/** The running hour: what it has used, where it is heading, and the limit at the end of the scale or on it. */
function HourGauge({ projection, limit }: { projection: Projection | null; limit: number }) {
  if (limit <= 0) return <p className="text-xs text-ink-faint">No limit per hour</p>;
  if (!projection) return <p className="text-xs text-ink-faint">Limit {formatEnergy(limit)} per hour</p>;

  const { energy, projected, level } = projection;
  const whole = Math.max(limit, projected);
  const { bar, text, words } = levels[energy > limit ? 'over' : level];
  const percent = (kwh: number) => `${(kwh / whole) * 100}%`;

  return (
    <div>
      <div aria-hidden="true" className="relative h-2 overflow-hidden rounded-full bg-sunken">
        <span
          className="absolute inset-y-0 left-0 rounded-full opacity-35"
          style={{ width: percent(projected), background: bar }}
        />
        <span className="absolute inset-y-0 left-0 rounded-full" style={{ width: percent(energy), background: bar }} />
        {projected > limit && <span className="absolute inset-y-0 w-0.5 bg-ink" style={{ left: percent(limit) }} />}
      </div>
      <p className={clsx('mt-1.5 text-xs', text)}>
        <span className="font-semibold">{energy > limit ? 'Over the limit' : words}</span>
        <span className="text-ink-faint tabular-nums">
          {' '}
          · this hour {formatEnergy(energy)}, heading for {formatEnergy(projected)} of {formatEnergy(limit)}
        </span>
      </p>
    </div>
  );
}
