import { useQueries } from '@tanstack/react-query';
import { rangesQuery, type RangeConsumption } from '@/features/consumption/api/range';
import type { Device } from '@/features/devices/api/devices';
import { useLiveStatus } from '@/lib/liveStatus';
import { stepDay, todayIn } from '@/lib/zone';

const daysBack = [0, 1, 7] as const;

/** Today, yesterday and a week ago of devices, three calls for all that share a date. Null until all of today is there. */
export function useDays(devices: readonly Device[], now: Date) {
  const live = useLiveStatus() === 'live';
  const dates = [...new Set(devices.map(({ time_zone }) => todayIn(time_zone, now)))];
  const groups = dates.flatMap((date) => {
    const ids = devices.filter(({ time_zone }) => todayIn(time_zone, now) === date).map(({ id }) => id);
    return daysBack.map((back) => ({ ids, back, date: stepDay(date, -back) }));
  });

  return useQueries({
    queries: groups.map(({ ids, back, date }) =>
      rangesQuery(ids, { first: date, last: date, granularity: 'hour' }, { current: back === 0, live }),
    ),
    combine: (results) => {
      const of = (wanted: (typeof daysBack)[number]) =>
        new Map(
          results.flatMap(({ data }, index) =>
            groups[index]?.back === wanted && data
              ? data.map((range): [string, RangeConsumption] => [range.device_id, range])
              : [],
          ),
        );
      const stateOf = (wanted: (typeof daysBack)[number]): 'there' | 'pending' | 'failed' => {
        const missing = results.filter(({ data }, index) => groups[index]?.back === wanted && !data);
        return missing.length === 0 ? 'there' : missing.some(({ error }) => error) ? 'failed' : 'pending';
      };
      const todays = results.filter((_, index) => groups[index]?.back === 0);

      return {
        today: of(0),
        yesterday: of(1),
        lastWeek: of(7),
        /** How far what today is compared with has come. */
        comparisons: { yesterday: stateOf(1), lastWeek: stateOf(7) },
        data: todays.every(({ data }) => data) ? true : undefined,
        error: todays.find(({ error }) => error)?.error ?? null,
        isFetching: todays.some(({ isFetching }) => isFetching),
        refetch: () => results.forEach((result) => void result.refetch()),
        updatedAt: Math.max(0, ...todays.map(({ dataUpdatedAt }) => dataUpdatedAt)),
      };
    },
  });
}
