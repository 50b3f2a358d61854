import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { answer, monitoring, page, type Answer, type MonitoringPaths } from '@/api/client';
import { paging } from '@/lib/pages';
import { invalidate, keys } from '@/lib/queryKeys';

export type QuarantinedReading = Answer<MonitoringPaths['/api/monitoring/quarantine']['get']>[number];

/** Readings that were not accepted, the newest first: those that are still open, or those that were discarded. */
export const useQuarantine = ({ reason, device, discarded }: { reason: string; device: string; discarded: boolean }) =>
  useInfiniteQuery({
    queryKey: keys.quarantine.of(reason, device, discarded),
    queryFn: ({ pageParam: after, signal }) => {
      const query = {
        limit: 100,
        ...chosen({ reason, device }),
        ...(discarded && { discarded: 'true' }),
        ...(after && { after }),
      };
      return page(monitoring.GET('/api/monitoring/quarantine', { params: { query }, signal }));
    },
    ...paging,
  });

/** How many are open for each reason. */
export const useQuarantineSummary = () =>
  useQuery({
    queryKey: keys.quarantineSummary.all,
    queryFn: ({ signal }) => answer(monitoring.GET('/api/monitoring/quarantine/summary', { signal })),
    refetchInterval: 30_000,
  });

/** What an unclear register reading means: its register began at 0 again, it passed its highest value, or nothing is known. */
export type RegisterDecision = 'reset' | 'rollover' | 'new_start';

/** Tries one reading again, accepts it with a decision, or takes note that it stays out. All answer in words. */
export function useSettleReading() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: async ({ id, how }: { id: string; how: 'replay' | 'discard' | RegisterDecision }) => {
      const params = { path: { id } };
      if (how !== 'replay' && how !== 'discard')
        return (await answer(monitoring.POST('/api/monitoring/quarantine/{id}/accept', { params, body: { as: how } }))).message;
      if (how === 'replay') return (await answer(monitoring.POST('/api/monitoring/quarantine/{id}/replay', { params }))).message;

      await answer(monitoring.POST('/api/monitoring/quarantine/{id}/discard', { params }));
      return 'The reading is discarded.';
    },
    onSettled: () => renew(client),
  });
}

/** The same with all open readings that have a reason, or are a device's, or both. */
export function useSettleMany() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: async ({ how, ...choice }: { reason: string; device?: string; how: 'replay' | 'discard' }) => {
      const body = chosen(choice);
      const { message } =
        how === 'replay'
          ? await answer(monitoring.POST('/api/monitoring/quarantine/replay', { body }))
          : await answer(monitoring.POST('/api/monitoring/quarantine/discard', { body }));
      return message;
    },
    onSettled: () => renew(client),
  });
}

/** As the service takes it; what is empty narrows nothing. */
const chosen = ({ reason, device }: { reason: string; device?: string }) => ({
  ...(reason && { reason }),
  ...(device && { device_id: device }),
});

const renew = (client: QueryClient) => invalidate(client, keys.quarantine, keys.quarantineSummary, keys.ledger);
