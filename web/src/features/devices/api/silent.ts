import { useQuery } from '@tanstack/react-query';
import { answer, monitoring, type Answer, type MonitoringPaths } from '@/api/client';
import { keys } from '@/lib/queryKeys';

export type SilentDevice = Answer<MonitoringPaths['/api/monitoring/silent-devices']['get']>['devices'][number];

/** Devices that should have reported by now and did not: how many, and those of them that did last. */
export const useSilent = (enabled: boolean) =>
  useQuery({
    queryKey: keys.silentDevices.all,
    queryFn: ({ signal }) => answer(monitoring.GET('/api/monitoring/silent-devices', { signal })),
    refetchInterval: 30_000,
    enabled,
  });
