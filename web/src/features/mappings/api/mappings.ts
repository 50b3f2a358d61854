import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, devices, page, type Answer, type DevicesPaths } from '@/api/client';
import { invalidate, keys } from '@/lib/queryKeys';

export type Mapping = Answer<DevicesPaths['/api/mappings']['get']>[number];

export type Side = { user_id: string } | { device_id: string };

export type Period = Mapping['periods'][number];

/**
 * Who sees a device, which devices somebody sees, or who else sees those; with `ended`, who saw them before. All of them, page
 * by page.
 */
export const useMappings = (which: (Side & { ended?: 'true' }) | { shared_with: string }) =>
  useQuery({
    queryKey: keys.mappings.of(which),
    queryFn: async ({ signal }) => {
      const rows: Mapping[] = [];
      let after: string | undefined;

      do {
        const query = { ...which, limit: 1000, ...(after && { after }) };
        const next = await page(devices.GET('/api/mappings', { params: { query }, signal }));
        rows.push(...next.rows);
        after = next.next;
      } while (after);

      return rows;
    },
  });

export interface Pair {
  user_id: string;
  device_id: string;
}

/** A pair to change: the periods that it has, where they are known, and those that it is to have, where they aren't those of the change. */
export type PairChange = Pair & { held?: Period[]; wanted?: Period[] };

/** What became of several pairs that were to be changed. */
export interface Changed {
  /** Each wants the periods that it had, so that doing the opposite takes it back. */
  done: readonly PairChange[];
  /** Why the others were not. */
  failure: Error | null;
}

async function changeOne(how: 'assign' | 'remove', { held, wanted, ...pair }: PairChange): Promise<PairChange> {
  const before =
    how === 'assign'
      ? (await answer(devices.POST('/api/mappings/assign', { body: pair }))).mapping.periods.slice(0, -1)
      : (await answer(devices.DELETE('/api/mappings/{user_id}/{device_id}', { params: { path: pair } })), held);

  if (wanted) await putPeriods(pair, wanted);
  return { ...pair, ...(before && { wanted: before }) };
}

const putPeriods = (pair: Pair, periods: Period[]) =>
  answer(devices.PUT('/api/mappings/{user_id}/{device_id}', { params: { path: pair }, body: { periods } }));

/** Assigns or takes away several pairs at once. Doing either again has no effect, so both can be taken back. */
export function useChangeMappings() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: async ({ how, pairs }: { how: 'assign' | 'remove'; pairs: readonly PairChange[] }): Promise<Changed> => {
      const results = await Promise.allSettled(pairs.map((pair) => changeOne(how, pair)));
      const failure = results.find((result) => result.status === 'rejected')?.reason as Error | undefined;
      const done = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));

      // What succeeded stays, whatever happened to the others.
      if (failure && done.length === 0) throw failure;
      return { done, failure: failure ?? null };
    },
    onSettled: () => invalidate(client, keys.mappings, keys.devices, keys.audit),
  });
}

/** Changes when a device belonged to somebody. */
export function useChangePeriods() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: ({ periods, ...pair }: Pair & { periods: Period[] }) => putPeriods(pair, periods),
    onSettled: () => invalidate(client, keys.mappings, keys.devices, keys.audit),
  });
}
