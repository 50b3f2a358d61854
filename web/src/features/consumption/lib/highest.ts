import { formatDay, wallClock, type Day } from '@/lib/zone';
import type { Measure } from '@/lib/measure';
import type { RangeConsumption } from '../api/range';
import { readPeriod, type Bar } from './periodModel';

export interface HighHour {
  hour: Bar;
  date: Day;
  /** For example `Thu, 26 Nov, 18:00–19:00`. */
  name: string;
}

/** The hours with the most energy, or the most expensive ones, highest first, of equal ones the earlier first. */
export function highestHours(
  byHour: RangeConsumption,
  limit: number,
  now: Date,
  kind: Measure['kind'] = 'energy',
  count = 5,
): HighHour[] {
  return readPeriod(byHour, limit, now, kind)
    .bars.filter(({ energy }) => energy !== null && energy > 0)
    .toSorted((a, b) => (b.energy ?? 0) - (a.energy ?? 0))
    .slice(0, count)
    .map((hour) => {
      const date = wallClock(hour.key).day;
      return { hour, date, name: `${formatDay(date, { weekday: 'short', day: 'numeric', month: 'short' })}, ${hour.name}` };
    });
}

/** How many hours over the limit the days have that have any, by date. */
export function hoursOverByDay({ data }: RangeConsumption, limit: number): ReadonlyMap<Day, number> {
  const days = new Map<Day, number>();

  for (const { date, is_measured, total_consumption, max_consumption } of data) {
    const valid = max_consumption ?? limit;
    if (date && is_measured && valid > 0 && total_consumption > valid) days.set(date, (days.get(date) ?? 0) + 1);
  }

  return days;
}
