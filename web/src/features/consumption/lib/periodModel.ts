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
import type { Granularity } from './period';

/**
 * How much is known of a bar's time: all its readings, some of them, none of them; or it is going on, or has not begun.
 * Missing is not zero: a missing bar has no energy at all.
 */
export type BarState = 'complete' | 'incomplete' | 'missing' | 'running' | 'ahead';

/** An hour, a day or a month of a period. */
export interface Bar {
  /** RFC 3339 start of an hour with the device's offset, `YYYY-MM-DD` or `YYYY-MM`; unique within the period. */
  key: string;
  state: BarState;
  /** kWh, or null when no reading came. */
  energy: number | null;
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
  bars: Bar[];
  hasReadings: boolean;
  /** kWh */
  total: number;
  peak: Bar | null;
  /** kWh a bar, over the finished ones that have readings; null when there is none. */
  average: number | null;
  /** Share of the expected readings that came, of hours only the finished ones; null when none was expected yet. */
  coverage: number | null;
  hoursOver: number;
  /** kWh an hour, or null when the device has none or the bars are longer than hours. */
  limit: number | null;
  /** Clock change: the day is shorter or longer than 24 hours. */
  clockChange: 'forward' | 'back' | null;
  /** The device's zone, when the viewer's clock shows another time somewhere in the period. */
  foreignZone: { name: string; offset: string } | null;
}

type Entry = RangeConsumption['data'][number];

const hourMs = 3_600_000;

/** Reads a range as the service tells it. Nothing here depends on the viewer's own zone but `foreignZone`. */
export function readPeriod(range: RangeConsumption, limitOfDevice: number, now: Date): PeriodModel {
  const { granularity } = range;
  const limit = granularity === 'hour' && limitOfDevice > 0 ? limitOfDevice : null;
  const bars = granularity === 'hour' ? hourBars(range, limit, now) : dateBars(range, todayIn(range.time_zone, now));

  const finished = bars.filter(({ state }) => state !== 'running' && state !== 'ahead');
  const measured = finished.filter(({ energy }) => energy !== null);

  return {
    granularity,
    bars,
    hasReadings: bars.some(({ readings }) => readings > 0),
    total: range.total_consumption,
    peak: bars.reduce<Bar | null>((best, bar) => ((bar.energy ?? 0) > (best?.energy ?? 0) ? bar : best), null),
    average: measured.length === 0 ? null : sum(measured, ({ energy }) => energy ?? 0) / measured.length,
    coverage: coverage(granularity === 'hour' ? finished : bars),
    hoursOver: bars.filter(({ over }) => over).length,
    limit,
    clockChange: granularity !== 'hour' || bars.length === 24 ? null : bars.length < 24 ? 'forward' : 'back',
    foreignZone: foreignZone(range),
  };
}

function hourBars({ data }: RangeConsumption, limit: number | null, now: Date): Bar[] {
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
      ...known(entry, start <= now.getTime() && now.getTime() < start + hourMs, start > now.getTime(), limit),
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
        ...known(entry, first <= today && today <= last, first > today, null),
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
      ...known(entry, date === today, date > today, null),
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

function known(entry: Entry, running: boolean, ahead: boolean, limit: number | null) {
  const energy = entry.measurement_count > 0 ? entry.total_consumption : null;

  return {
    state: stateOf(entry, running, ahead),
    energy,
    readings: entry.measurement_count,
    expected: entry.expected_count,
    over: limit !== null && energy !== null && energy > limit,
  };
}

/** With so many of its readings a sum is as good as whole: one of a day's 1,440 hides nothing. The coverage still tells. */
const enough = 0.99;

function stateOf({ measurement_count, expected_count }: Entry, running: boolean, ahead: boolean): BarState {
  // A simulated clock may run ahead of the real one: what has readings has begun.
  if (ahead && measurement_count === 0) return 'ahead';
  if (running) return 'running';
  if (measurement_count === 0) return 'missing';
  return measurement_count < enough * expected_count ? 'incomplete' : 'complete';
}

/** The share of the expected readings that have arrived; null where none were expected. */
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
