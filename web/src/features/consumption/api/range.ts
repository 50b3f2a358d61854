import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { answer, monitoring, type Answer, type MonitoringPaths } from '@/api/client';
import { refetchEvery } from '@/lib/queryClient';
import { consumptionKey } from '@/lib/queryKeys';
import type { Day } from '@/lib/zone';
import type { Granularity } from '../lib/period';

/** One device's consumption in a range of days; only a call for several devices answers with an array. */
export type RangeConsumption = Exclude<Answer<MonitoringPaths['/api/monitoring/hourly/range']['get']>, unknown[]>;

interface Range {
  first: Day;
  last: Day;
  granularity: Granularity;
}

/** What goes on grows by live updates; asking again is for those that got lost, and the sooner the less live it is. */
const askAgain = { live: 60_000, alone: 5_000 };

const get = (deviceId: string | string[], first: Day, last: Day, granularity: Granularity, signal: AbortSignal) =>
  answer(
    monitoring.GET('/api/monitoring/hourly/range', {
      params: { query: { device_id: deviceId, start_date: first, end_date: last, granularity } },
      signal,
    }),
  );

/** A device's range. */
export const rangeQuery = (deviceId: string, { first, last, granularity }: Range) =>
  queryOptions({
    queryKey: consumptionKey(granularity, first, last, deviceId),
    queryFn: ({ signal }) => get(deviceId, first, last, granularity, signal) as Promise<RangeConsumption>,
  });

interface Watching {
  /** The range goes on, so that its answer is soon an old one. */
  current: boolean;
  /** Live updates keep it new. */
  live: boolean;
  enabled?: boolean;
}

/** A device's range. While another loads the one before it stays, marked as placeholder data. */
export const useRange = (deviceId: string, range: Range, { current, live, enabled = true }: Watching) =>
  useQuery({
    ...rangeQuery(deviceId, range),
    enabled,
    staleTime: current ? askAgain.alone : 300_000,
    refetchInterval: refetchEvery(current ? askAgain[live ? 'live' : 'alone'] : false),
    placeholderData: keepPreviousData,
  });

/** The same for several devices in one call, in their order. */
export const rangesQuery = (deviceIds: string[], { first, last, granularity }: Range, { current, live }: Watching) =>
  queryOptions({
    queryKey: consumptionKey(granularity, first, last, ...deviceIds, 'together'),
    // A single device's answer is no array, even when it was asked for as a list of one.
    queryFn: async ({ signal }): Promise<RangeConsumption[]> =>
      [await (get(deviceIds, first, last, granularity, signal) as Promise<RangeConsumption | RangeConsumption[]>)].flat(),
    staleTime: current ? askAgain.alone : 300_000,
    refetchInterval: refetchEvery(current ? (live ? askAgain.live : askAgain.alone * Math.ceil(deviceIds.length / 25)) : false),
  });

/** The service answers for so many devices at a time. */
export const mostInOneCall = 100;
