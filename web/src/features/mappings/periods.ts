import { formatDay, todayIn } from '@/lib/zone';
import type { Mapping, Period } from './api/mappings';

/** A mapping's periods with the current one beginning at another time; null is from the beginning. Earlier ones that it meets become part of it. */
export function beginningAt(periods: readonly Period[], from: string | null): Period[] {
  const isBefore = ({ until }: Period) => from !== null && until != null && new Date(until) < new Date(from);
  const earlier = periods.slice(0, -1);
  const kept = earlier.filter(isBefore);
  const joined = earlier.find((period) => !isBefore(period));
  const starts = joined ? joined.from : from;
  const start = starts == null || from === null ? null : new Date(starts) < new Date(from) ? starts : from;

  return [...kept, { from: start, until: null }];
}

type Periods = Pick<Mapping, 'periods' | 'time_zone'>;

/** `from the beginning`, or `since` a day of the site. */
export function since({ periods, time_zone }: Periods) {
  const from = periods.at(-1)?.from;
  return from == null ? 'from the beginning' : `since ${dayIn(time_zone, from)}`;
}

/** `Mar 3, 2026 – Sep 4, 2026`, or `until` a day, for each period that has ended. */
export const ended = ({ periods, time_zone }: Periods) =>
  periods
    .flatMap(({ from, until }) =>
      until == null
        ? []
        : [from == null ? `until ${dayIn(time_zone, until)}` : `${dayIn(time_zone, from)} – ${dayIn(time_zone, until)}`],
    )
    .join(', ');

const dayIn = (zone: string, time: string) => formatDay(todayIn(zone, new Date(time)), { dateStyle: 'medium' });
