import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, devices, page, type Answer, type DevicesPaths } from '@/api/client';

export type Mapping = Answer<DevicesPaths['/api/mappings']['get']>[number];

export type Side = { user_id: string } | { device_id: string };

/** Who sees a device, which devices somebody sees, or who else sees those; all of them, page by page. */
export const useMappings = (which: Side | { shared_with: string }) =>
  useQuery({
    queryKey: ['mappings', which],
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

/** What became of several pairs that were to be changed. */
export interface Changed {
  done: readonly Pair[];
  /** Why the others were not. */
  failure: Error | null;
}

/** Assigns or takes away several pairs at once. Doing either again has no effect, so both can be taken back. */
export function useChangeMappings() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: async ({ how, pairs }: { how: 'assign' | 'remove'; pairs: readonly Pair[] }): Promise<Changed> => {
      const results = await Promise.allSettled(
        pairs.map((pair) =>
          how === 'assign'
            ? answer(devices.POST('/api/mappings/assign', { body: pair }))
            : answer(devices.DELETE('/api/mappings/{user_id}/{device_id}', { params: { path: pair } })),
        ),
      );
      const failure = results.find((result) => result.status === 'rejected')?.reason as Error | undefined;
      const done = pairs.filter((_, index) => results[index]?.status === 'fulfilled');

      // What succeeded stays, whatever happened to the others.
      if (failure && done.length === 0) throw failure;
      return { done, failure: failure ?? null };
    },
    onSettled: () => Promise.all(['mappings', 'devices', 'audit'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}
