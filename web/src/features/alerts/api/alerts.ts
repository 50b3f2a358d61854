import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, answer, monitoring, page, type Answer, type MonitoringPaths } from '@/api/client';
import { refetchEvery } from '@/lib/queryClient';
import { useLiveStatus } from '@/lib/liveStatus';
import { invalidate, keys } from '@/lib/queryKeys';

/** That an hour is over its device's limit, or will be if it goes on as it does. Energies are kWh. */
export type Alert = Answer<MonitoringPaths['/api/monitoring/alerts']['get']>[number];

const pageSize = 50;

/** News come by themselves while live; otherwise they are asked for. */
const useAskEvery = () => refetchEvery(useLiveStatus() === 'live' ? 300_000 : 60_000);

/** The alerts of the caller's devices, newest first; those that are open or all. */
export const useAlerts = (open: boolean) =>
  useInfiniteQuery({
    queryKey: keys.alerts.of('list', open),
    queryFn: ({ signal, pageParam }) =>
      page(
        monitoring.GET('/api/monitoring/alerts', {
          params: {
            query: { limit: pageSize, ...(open && { acknowledged: 'false' }), ...(pageParam && { after: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
    refetchInterval: useAskEvery(),
  });

/** More are told as so many and more. */
export const countedUpTo = 99;

/** How many alerts nobody has acknowledged; one more than are counted at most. */
export const useOpenAlerts = () =>
  useQuery({
    queryKey: keys.alerts.of('count'),
    queryFn: async ({ signal }) => {
      const query = { acknowledged: 'false', limit: countedUpTo + 1 };
      return (await answer(monitoring.GET('/api/monitoring/alerts', { params: { query }, signal }))).length;
    },
    refetchInterval: useAskEvery(),
  });

const acknowledge = (id: string) =>
  answer(monitoring.POST('/api/monitoring/alerts/{id}/acknowledge', { params: { path: { id } } }));

/** Takes note of alerts one after the other, and tells of how many. */
export function useAcknowledgeAll() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: async (ids: readonly string[]) => {
      let done = 0;
      for (const id of ids)
        done += await acknowledge(id)
          .then(() => 1)
          .catch(() => 0);
      return done;
    },
    onSettled: () => void invalidate(client, keys.alerts),
  });
}

export function useAcknowledge() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: acknowledge,
    onSettled: (_, error) => {
      // Somebody else may have been first, or the alert is gone: the list knows.
      if (!error || error instanceof ApiError) void invalidate(client, keys.alerts);
    },
  });
}
