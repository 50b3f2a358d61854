import {
  formatClock,
  formatDay,
  formatDays,
  formatOffset,
  lastOfMonth,
  offsetIn,
  todayIn,
  viewerOffset,
  wallClock,
  type Day,
} from '@/lib/zone';
import type { RangeConsumption } from '../api/range';
import type { Measure } from '@/lib/measure';
import type { Granularity } from './period';

/**
 * How much is known of a bar's time: all its readings, some of them, none of them; or it is going on, or has not begun; or nothing
 * was expected, because the device didn't exist or wasn't the viewer's. Missing is not zero: a missing bar has no energy at all.
 */
export type BarState = 'complete' | 'incomplete' | 'missing' | 'running' | 'ahead' | 'unexpected';

/** An hour, a day or a month of a period. */
export interface Bar {
  /** RFC 3339 start of an hour with the device's offset, `YYYY-MM-DD` or `YYYY-MM`; unique within the period. */
  key: string;
  state: BarState;
  /** kWh, or what they cost where the model is told in money; null when no reading came, or no price is known. */
  energy: number | null;
  /** At the prices that were valid, without base prices; what is paid for it, of a device that produces. Null without readings or prices. */
  cost: number | null;
  /** Base prices of a day or month; null without any. */
  baseCost: number | null;
  /** A reading covers a part of it: one that starts in it, or one that started before. */
  measured: boolean;
  /** Readings that start in it. */
  readings: number;
  expected: number;
  /** An hour above the device's limit. Days and months have none: the limit is one of hours. */
  over: boolean;
  /** Its place within any such period: the clock's hour, the day of the month, the month; an hour that comes twice has two. */
  slot: string;
  /** On the axis, for example `03:00`, `3 AM`, `26`, `Nov`. */
  tick: string;
  /** Whether the axis has a label here even where not all fit. */
  labelled: boolean;
  /** For example `03:00–04:00`, with the offset where the bare time would be ambiguous; `Thu, 26 Nov`; `November 2026`. */
  name: string;
}

export interface PeriodModel {
  granularity: Granularity;
  /** The device gives energy. Its costs are what is paid for it, and are told as positive amounts. */
  produces: boolean;
  bars: Bar[];
  hasReadings: boolean;
  /** kWh, or what they cost. */
  total: number;
  /** What the hours with a price cost, without base prices; null when there is none with readings. */
  cost: number | null;
  /** Base prices of the days that have begun; null when there are none. */
  baseCost: number | null;
  /** Currency of the costs, ISO 4217; null for the installation's. */
  currency: string | null;
  /** kWh of the hours without a price, which are in no cost. */
  unpriced: number;
  peak: Bar | null;
  /** A bar, over the finished ones that have readings; null when there is none. */
  average: number | null;
  /** Share of the expected readings that came and were accepted, of hours only the finished ones; null when none was expected yet. */
  coverage: number | null;
  hoursOver: number;
  /**
   * kWh an hour; null when the device has none, the bars are longer than hours, the model is told in money, or the limit changed
   * within the period.
   */
  limit: number | null;
  /** Clock change: the day is shorter or longer than 24 hours. */
  clockChange: 'forward' | 'back' | null;
  /** The device's zone, when the viewer's clock shows another time somewhere in the period. */
  foreignZone: { name: string; offset: string } | null;
}

/** What a period costs with its base prices; null when neither is known. */
export const costWithBase = ({ cost, baseCost }: Pick<PeriodModel, 'cost' | 'baseCost'>) =>
  cost === null && baseCost === null ? null : (cost ?? 0) + (baseCost ?? 0);

type Entry = RangeConsumption['data'][number];

const hourMs = 3_600_000;

/**
 * Reads a range as the service tells it, in energy or in money. An hour is judged by the limit that it tells; `limitOfDevice` is of
 * hours that tell none. Nothing here depends on the viewer's own zone but `foreignZone`.
 */
export function readPeriod(
  range: RangeConsumption,
  limitOfDevice: number,
  now: Date,
  kind: Measure['kind'] = 'energy',
): PeriodModel {
  const { granularity } = range;
  const inMoney = kind === 'money';
  const limits = new Set(range.data.map(({ max_consumption }) => max_consumption ?? limitOfDevice));
  const [only] = limits.size === 1 ? limits : [null];
  const limit = granularity === 'hour' && only ? only : null;
  const produces = range.direction === 'production';
  const asCosts = granularity === 'hour' ? hourBars(range, limitOfDevice, now) : dateBars(range, todayIn(range.time_zone, now));
  const inEnergy = produces ? asCosts.map((bar) => ({ ...bar, cost: negated(bar.cost) })) : asCosts;
  const cost = produces ? negated(range.total_cost) : range.total_cost;
  const bars = inMoney ? inEnergy.map((bar) => ({ ...bar, energy: bar.cost })) : inEnergy;

  const finished = bars.filter(({ state }) => state !== 'running' && state !== 'ahead');
  const measured = finished.filter(({ energy }) => energy !== null);

  return {
    granularity,
    produces,
    bars,
    hasReadings: bars.some((bar) => bar.measured),
    total: inMoney ? (cost ?? 0) : range.total_consumption,
    cost,
    baseCost: range.base_cost,
    currency: range.currency,
    unpriced: range.unpriced_consumption,
    peak: bars.reduce<Bar | null>((best, bar) => ((bar.energy ?? 0) > (best?.energy ?? 0) ? bar : best), null),
    average: measured.length === 0 ? null : sum(measured, ({ energy }) => energy ?? 0) / measured.length,
    coverage: coverage(granularity === 'hour' ? finished : bars),
    hoursOver: bars.filter(({ over }) => over).length,
    limit: inMoney ? null : limit,
    clockChange: granularity !== 'hour' || bars.length === 24 ? null : bars.length < 24 ? 'forward' : 'back',
    foreignZone: foreignZone(range),
  };
}

/** Without a negative zero. */
const negated = (amount: number | null) => (amount === null ? null : 0 - amount);

function hourBars({ data }: RangeConsumption, limitOfDevice: number, now: Date): Bar[] {
  const times = data.map(({ start }) => (start ?? '').slice(0, 16));
  const firstAt = new Map<string, number>();
  const twice = new Set<string>();
  times.forEach((time, index) => (firstAt.has(time) ? twice.add(time) : firstAt.set(time, index)));

  return data.map((entry, index) => {
    const { hour, minute, offset } = wallClock(entry.start ?? '');
    const time = times[index] ?? '';
    const again = firstAt.get(time) !== index;
    const start = Date.parse(entry.start ?? '');

    return {
      ...known(
        entry,
        start <= now.getTime() && now.getTime() < start + hourMs,
        start > now.getTime(),
        entry.max_consumption ?? limitOfDevice,
      ),
      key: entry.start ?? '',
      slot: `${hour * 60 + minute}${again ? ' again' : ''}`,
      tick: formatClock(hour, minute, true),
      labelled: hour % 3 === 0 && !again,
      name: [
        `${formatClock(hour, minute)}–${formatClock(hour + 1, minute)}`,
        ...(twice.has(time) ? [formatOffset(offset)] : []),
      ].join(' '),
    };
  });
}

function dateBars(range: RangeConsumption, today: Day): Bar[] {
  const { data, granularity } = range;
  const week = data.length <= 7;

  return data.map((entry, index) => {
    if (granularity === 'month') {
      const month = entry.month ?? '';
      const [first, last] = extentOfMonth(month, range);
      const whole = first.endsWith('-01') && last === lastOfMonth(first);

      return {
        ...known(entry, first <= today && today <= last, first > today, 0),
        key: month,
        slot: String(index),
        tick: formatDay(first, { month: 'short' }),
        labelled: true,
        name: whole
          ? formatDay(first, { month: 'long', year: 'numeric' })
          : formatDays(first, last, { day: 'numeric', month: 'short', year: 'numeric' }),
      };
    }

    const date = entry.date ?? '';

    return {
      ...known(entry, date === today, date > today, 0),
      key: date,
      slot: String(index),
      tick: week
        ? formatDay(date, { weekday: 'short', day: 'numeric' })
        : index === 0 || date.endsWith('-01')
          ? formatDay(date, { day: 'numeric', month: 'short' })
          : formatDay(date, { day: 'numeric' }),
      labelled: week || index % 5 === 0,
      name: formatDay(date, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }),
    };
  });
}

/** The days of a month that belong to a range. */
export const extentOfMonth = (month: string, { start_date, end_date }: Pick<RangeConsumption, 'start_date' | 'end_date'>) => {
  const first = `${month}-01`;
  const last = lastOfMonth(first);
  return [first < start_date ? start_date : first, last > end_date ? end_date : last] as const;
};

/** Without a limit it is 0. */
function known(entry: Entry, running: boolean, ahead: boolean, limit: number) {
  const energy = entry.is_measured ? entry.total_consumption : null;

  return {
    state: stateOf(entry, running, ahead),
    energy,
    cost: energy === null ? null : entry.cost,
    baseCost: entry.base_cost ?? null,
    measured: entry.is_measured,
    readings: entry.measurement_count,
    expected: entry.expected_count,
    over: limit > 0 && energy !== null && energy > limit,
  };
}

/** With so many of its readings a sum is as good as whole: one of a day's 1,440 hides nothing. The coverage still tells. */
const enough = 0.99;

function stateOf(
  { measurement_count, expected_count, is_measured, is_expected }: Entry,
  running: boolean,
  ahead: boolean,
): BarState {
  // A simulated clock may run ahead of the real one: what has readings has begun.
  if (ahead && !is_measured) return 'ahead';
  if (running) return 'running';
  if (!is_measured) return is_expected ? 'missing' : 'unexpected';
  return measurement_count < enough * expected_count ? 'incomplete' : 'complete';
}

/** The share of the expected readings that have arrived and were accepted; null where none were expected. */
export function coverage(bars: readonly Bar[]) {
  // The newest reading of a bar that is running may still be on its way.
  const expectedOf = ({ state, readings, expected }: Bar) =>
    state === 'running' && readings === expected - 1 ? readings : expected;
  const expected = sum(bars, expectedOf);

  return expected === 0 ? null : Math.min(1, sum(bars, (bar) => Math.min(bar.readings, expectedOf(bar))) / expected);
}

function foreignZone({ data, time_zone, granularity, start_date, end_date }: RangeConsumption) {
  // Days and months differ from the viewer's already by their midnights.
  const moments =
    granularity === 'hour'
      ? data.map(({ start }) => new Date(start ?? ''))
      : [start_date, end_date].map((day) => new Date(`${day}T12:00:00Z`));
  // An hour's start carries the offset.
  const offsets =
    granularity === 'hour'
      ? data.map(({ start }) => wallClock(start ?? '').offset)
      : moments.map((moment) => offsetIn(time_zone, moment));

  if (moments.every((moment, index) => offsets[index] === viewerOffset(moment))) return null;
  return { name: time_zone, offset: [...new Set(offsets)].map(formatOffset).join(', then ') };
}

const sum = <T>(items: readonly T[], of: (item: T) => number) => items.reduce((total, item) => total + of(item), 0);
