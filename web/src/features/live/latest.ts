import { useQueries } from '@tanstack/react-query';
import { answer, monitoring } from '@/api/client';
import { useLiveStatus } from '@/lib/liveStatus';
import { latestKey, type Latest } from './updates';

/** How often devices are asked for while nothing tells of them. */
const askEvery = 15_000;

/**
 * The newest reading of each device, null where there is none: told by the hub, or asked for while it is away, of many devices
 * only of those that `isWanted` names.
 */
export function useLatest(deviceIds: readonly string[], isWanted: (id: string) => boolean = () => true) {
  const status = useLiveStatus();
  const alone = status === 'off' || status === 'lost';

  return useQueries({
    queries: deviceIds.map((id) => ({
      queryKey: latestKey(id),
      queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Latest | null> => {
        const query = { device_id: id, limit: 1 };
        const call = monitoring.GET('/api/monitoring/measurements', { params: { query }, signal });
        const [newest] = (await answer(call)) as Latest[];
        return newest ?? null;
      },
      enabled: alone && isWanted(id),
      staleTime: askEvery,
      refetchInterval: alone ? askEvery : (false as const),
    })),
    combine: (results) => new Map(deviceIds.map((id, index) => [id, results[index]?.data])),
  });
}
