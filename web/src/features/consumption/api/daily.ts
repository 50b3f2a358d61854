import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { answer, monitoring, type Answer, type MonitoringPaths } from '@/api/client';
import { refetchEvery } from '@/lib/queryClient';
import type { Day } from '@/lib/zone';

/** One device's day; only a call for several devices answers with an array. */
export type DailyConsumption = Exclude<Answer<MonitoringPaths['/api/monitoring/hourly/daily']['get']>, unknown[]>;

/** Today grows while one watches. */
const liveEvery = 5_000;

export const dailyQuery = (deviceId: string, date: Day) =>
  queryOptions({
    queryKey: ['consumption', 'daily', deviceId, date],
    queryFn: ({ signal }) =>
      answer(
        monitoring.GET('/api/monitoring/hourly/daily', { params: { query: { device_id: deviceId, date } }, signal }),
      ) as Promise<DailyConsumption>,
  });

/** A device's day. While another day loads the one before it stays, marked as placeholder data. */
export const useDailyConsumption = (deviceId: string, date: Day, live: boolean) =>
  useQuery({
    ...dailyQuery(deviceId, date),
    staleTime: live ? liveEvery : 30_000,
    refetchInterval: refetchEvery(live ? liveEvery : false),
    placeholderData: keepPreviousData,
  });
