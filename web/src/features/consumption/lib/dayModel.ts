import { formatClock, formatOffset, viewerOffset, wallClock } from '@/lib/zone';
import type { DailyConsumption } from '../api/daily';

/**
 * How much is known of an hour: all its readings, some of them, none of them; or it is going on, or has not begun.
 * Missing is not zero: a missing hour has no energy at all.
 */
export type HourState = 'complete' | 'incomplete' | 'missing' | 'running' | 'ahead';

export interface Hour {
  /** RFC 3339 with the device's offset; unique within the day. */
  start: string;
  state: HourState;
  /** kWh, or null when no reading came. */
  energy: number | null;
  readings: number;
  expected: number;
  /** Above the device's limit. */
  over: boolean;
  /** On the wall clock, 0 to 23; a 25-hour day has one of them twice. */
  clockHour: number;
  /** On the axis, for example `03:00` or `3 AM`. */
  tick: string;
  /** For example `03:00–04:00`, with the offset where the bare time would be ambiguous. */
  span: string;
}

export interface DayModel {
  hours: Hour[];
  hasReadings: boolean;
  /** kWh */
  total: number;
  peak: Hour | null;
  /** kWh an hour, over the finished hours that have readings; null when there is none. */
  average: number | null;
  /** Share of the readings expected in the finished hours that came; null when none was expected yet. */
  coverage: number | null;
  hoursOver: number;
  /** kWh an hour, or null when the device has none. */
  limit: number | null;
  /** Clock change: the day is shorter or longer than 24 hours. */
  clockChange: 'forward' | 'back' | null;
  /** The device's zone, when the viewer's clock shows another time in some hour of the day. */
  foreignZone: { name: string; offset: string } | null;
}

const hourMs = 3_600_000;

/** Reads a day as the service tells it. Nothing here depends on the viewer's own zone but `foreignZone`. */
export function readDay(day: DailyConsumption, limitOfDevice: number, now: Date): DayModel {
  const limit = limitOfDevice > 0 ? limitOfDevice : null;
  const clocks = day.hourly_data.map(({ start }) => wallClock(start));
  const twice = new Set(clocks.map(timeOfDay).filter((time, index, all) => all.indexOf(time) !== index));

  const hours = day.hourly_data.map((entry, index): Hour => {
    const clock = clocks[index] ?? wallClock(entry.start);
    const state = stateOf(entry, now);
    const energy = entry.measurement_count > 0 ? entry.total_consumption : null;
    const ambiguous = twice.has(timeOfDay(clock));

    return {
      start: entry.start,
      state,
      energy,
      readings: entry.measurement_count,
      expected: entry.expected_count,
      over: limit !== null && energy !== null && energy > limit,
      clockHour: clock.hour,
      tick: formatClock(clock.hour, clock.minute, true),
      span: [
        `${formatClock(clock.hour, clock.minute)}–${formatClock(clock.hour + 1, clock.minute)}`,
        ...(ambiguous ? [formatOffset(clock.offset)] : []),
      ].join(' '),
    };
  });

  const finished = hours.filter(({ state }) => state !== 'running' && state !== 'ahead');
  const measured = finished.filter(({ energy }) => energy !== null);
  const expected = sum(finished, (hour) => hour.expected);

  return {
    hours,
    hasReadings: hours.some(({ readings }) => readings > 0),
    total: day.total_daily_consumption,
    peak: hours.reduce<Hour | null>((best, hour) => ((hour.energy ?? 0) > (best?.energy ?? 0) ? hour : best), null),
    average: measured.length === 0 ? null : sum(measured, (hour) => hour.energy ?? 0) / measured.length,
    coverage: expected === 0 ? null : Math.min(1, sum(finished, (hour) => Math.min(hour.readings, hour.expected)) / expected),
    hoursOver: hours.filter(({ over }) => over).length,
    limit,
    clockChange: hours.length < 24 ? 'forward' : hours.length > 24 ? 'back' : null,
    foreignZone: foreignZone(day, clocks),
  };
}

function stateOf(entry: DailyConsumption['hourly_data'][number], now: Date): HourState {
  const start = Date.parse(entry.start);

  // A simulated clock may run ahead of the real one: what has readings has begun.
  if (start > now.getTime() && entry.measurement_count === 0) return 'ahead';
  if (start <= now.getTime() && now.getTime() < start + hourMs) return 'running';
  if (entry.measurement_count === 0) return 'missing';
  return entry.measurement_count < entry.expected_count ? 'incomplete' : 'complete';
}

function foreignZone({ hourly_data, time_zone }: DailyConsumption, clocks: { offset: number }[]) {
  const differs = hourly_data.some(({ start }, index) => clocks[index]?.offset !== viewerOffset(new Date(start)));
  if (!differs) return null;

  const offsets = [...new Set(clocks.map(({ offset }) => formatOffset(offset)))];
  return { name: time_zone, offset: offsets.join(', then ') };
}

const timeOfDay = ({ hour, minute }: { hour: number; minute: number }) => hour * 60 + minute;

const sum = <T>(items: readonly T[], of: (item: T) => number) => items.reduce((total, item) => total + of(item), 0);
