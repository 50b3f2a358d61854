import { useQueries, type UseQueryResult } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { mostInOneCall, rangesQuery, type RangeConsumption } from '@/features/consumption/api/range';
import type { Device } from '@/features/devices/api/devices';
import { useLiveStatus } from '@/lib/liveStatus';
import { quarterMs, quarterOf } from '@/lib/time';
import { stepDay, todayIn, type Day } from '@/lib/zone';

/** Today first: it is waited for. */
const daysBack = [0, 1, 7] as const;
type Back = (typeof daysBack)[number];

interface Group {
  ids: string[];
  date: Day;
  back: Back;
}

/** Today, yesterday and a week ago of devices, by their own days. `data` is undefined until all of today is there. */
export function useDays(devices: readonly Device[], now: Date) {
  const live = useLiveStatus() === 'live';
  const quarter = quarterOf(now);
  const groups = useMemo(() => groupsOf(devices, new Date(quarter * quarterMs)), [devices, quarter]);
  const combine = useCallback((results: UseQueryResult<RangeConsumption[]>[]) => combined(groups, results), [groups]);

  return useQueries({
    queries: groups.map(({ ids, back, date }) =>
      rangesQuery(ids, { first: date, last: date, granularity: 'hour' }, { current: back === 0, live }),
    ),
    combine,
  });
}

/** The calls that it takes: one for each date, and for as many devices as one call may name. */
function groupsOf(devices: readonly Device[], now: Date): Group[] {
  const dates = new Map<string, Day>();
  const byDate = new Map<Day, string[]>();

  for (const { id, time_zone: zone } of devices) {
    const date = dates.get(zone) ?? todayIn(zone, now);
    dates.set(zone, date);
    const ids = byDate.get(date);
    if (ids) ids.push(id);
    else byDate.set(date, [id]);
  }

  const calls = [...byDate].flatMap(([date, ids]) =>
    Array.from({ length: Math.ceil(ids.length / mostInOneCall) }, (_, index) => ({
      date,
      ids: ids.slice(index * mostInOneCall, (index + 1) * mostInOneCall),
    })),
  );
  return daysBack.flatMap((back) => calls.map(({ date, ids }) => ({ ids, back, date: stepDay(date, -back) })));
}

function combined(groups: readonly Group[], results: readonly UseQueryResult<RangeConsumption[]>[]) {
  const resultsOf = (wanted: Back) => results.filter((_, index) => groups[index]?.back === wanted);
  const rangesOf = (wanted: Back) =>
    new Map(resultsOf(wanted).flatMap(({ data }) => (data ?? []).map((range) => [range.device_id, range] as const)));
  const stateOf = (wanted: Back): 'there' | 'pending' | 'failed' => {
    const missing = resultsOf(wanted).filter(({ data }) => !data);
    return missing.length === 0 ? 'there' : missing.some(({ error }) => error) ? 'failed' : 'pending';
  };
  const todays = resultsOf(0);

  return {
    today: rangesOf(0),
    yesterday: rangesOf(1),
    lastWeek: rangesOf(7),
    /** How far what today is compared with has come. */
    comparisons: { yesterday: stateOf(1), lastWeek: stateOf(7) },
    data: todays.every(({ data }) => data) ? true : undefined,
    error: todays.find(({ error }) => error)?.error ?? null,
    isFetching: todays.some(({ isFetching }) => isFetching),
    refetch: () => results.forEach((result) => void result.refetch()),
    updatedAt: Math.max(0, ...todays.map(({ dataUpdatedAt }) => dataUpdatedAt)),
  };
}
