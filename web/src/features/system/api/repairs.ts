import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, devices, monitoring, users, type Answer, type MonitoringPaths } from '@/api/client';
import { invalidate, keys } from '@/lib/queryKeys';

export type SilentDevice = Answer<MonitoringPaths['/api/monitoring/silent-devices']['get']>['devices'][number];

/** Devices that should have reported by now and did not. */
export const useSilentDevices = () =>
  useQuery({
    queryKey: keys.silentDevices.all,
    queryFn: ({ signal }) => answer(monitoring.GET('/api/monitoring/silent-devices', { signal })),
    refetchInterval: 30_000,
  });

/** Each service that follows events, and what it couldn't handle. */
const followers = [
  {
    name: 'Users',
    look: (signal: AbortSignal) => answer(users.GET('/api/users/dead-letters', { signal })),
    replay: () => answer(users.POST('/api/users/dead-letters/replay')),
  },
  {
    name: 'Devices',
    look: (signal: AbortSignal) => answer(devices.GET('/api/devices/dead-letters', { signal })),
    replay: () => answer(devices.POST('/api/devices/dead-letters/replay')),
  },
  {
    name: 'Monitoring',
    look: (signal: AbortSignal) => answer(monitoring.GET('/api/monitoring/dead-letters', { signal })),
    replay: () => answer(monitoring.POST('/api/monitoring/dead-letters/replay')),
  },
];

export const useDeadLetters = () =>
  useQueries({
    queries: followers.map(({ name, look }) => ({
      queryKey: keys.deadLetters.of(name),
      queryFn: ({ signal }: { signal: AbortSignal }) => look(signal),
      // Each look counts as a delivery, and some brokers give up on a message after twenty.
      staleTime: Infinity,
      refetchOnWindowFocus: false,
    })),
    combine: (results) => ({
      services: followers.map(({ name }, index) => ({ name, letters: results[index]?.data })),
      error: results.find(({ isError }) => isError)?.error ?? null,
      refetch: () => results.forEach((result) => void result.refetch()),
    }),
  });

/** Gives a service what it couldn't handle once more. */
export function useReplayDeadLetters() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: async (service: string) => (await followers.find(({ name }) => name === service)?.replay())?.message ?? '',
    // What fails again is back after its tries.
    onSettled: () => invalidate(client, keys.deadLetters),
  });
}

/** Compares the replicas of accounts, devices and assignments with their sources, and tells how many it had to mend. */
export function useCompareReplicas() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: async () => {
      const [here, there] = await Promise.all([
        answer(devices.POST('/api/devices/users/rebuild')),
        answer(monitoring.POST('/api/monitoring/replicas/rebuild')),
      ]);
      return [here, there.users, there.devices, there.mappings].reduce(
        (sum, { added, changed, removed }) => sum + added + changed + removed,
        0,
      );
    },
    onSuccess: () => client.invalidateQueries(),
  });
}
