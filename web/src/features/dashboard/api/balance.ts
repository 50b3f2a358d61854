import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answer, monitoring, type Answer, type MonitoringPaths } from '@/api/client';
import { refetchEvery } from '@/lib/queryClient';
import { keys } from '@/lib/queryKeys';
import type { Day } from '@/lib/zone';

/** What devices of a site took, produced and fed in together, by day, in kWh. */
export type Balance = Exclude<Answer<MonitoringPaths['/api/monitoring/balance']['get']>, string>;

export const useBalance = (deviceIds: readonly string[], first: Day, last: Day, current: boolean) =>
  useQuery({
    queryKey: keys.balance.of(first, last, ...deviceIds),
    queryFn: ({ signal }) => {
      const query = { device_id: [...deviceIds], start_date: first, end_date: last, granularity: 'day' };
      return answer(monitoring.GET('/api/monitoring/balance', { params: { query }, signal })) as Promise<Balance>;
    },
    enabled: deviceIds.length > 0,
    staleTime: current ? 30_000 : 300_000,
    refetchInterval: refetchEvery(current ? 60_000 : false),
    placeholderData: keepPreviousData,
  });
