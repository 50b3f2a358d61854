import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, devices, identity, monitoring, page, users, type Answer, type IdentityPaths } from '@/api/client';
import { keys } from '@/lib/queryKeys';
import { mergeNewest, type Source } from '../lib/mergeNewest';

export type AuditRecord = Answer<IdentityPaths['/api/auth/audit']['get']>[number];

export interface AuditFilter {
  actor_id?: string;
  user_id?: string;
  device_id?: string;
  action?: string;
  from?: string;
  to?: string;
}

const atOnce = 50;

/** What all services have on record, the newest first; each keeps its own records. */
export const useAudit = (filter: AuditFilter) =>
  useInfiniteQuery({
    queryKey: keys.audit.of(filter),
    queryFn: async ({ pageParam, signal }) => {
      const query = (after: string | undefined) => ({
        params: { query: { ...filter, limit: atOnce, ...(after && { after }) } },
        signal,
      });
      const fetches = [
        (after?: string) => page(identity.GET('/api/auth/audit', query(after))),
        (after?: string) => page(users.GET('/api/users/audit', query(after))),
        (after?: string) => page(devices.GET('/api/devices/audit', query(after))),
        (after?: string) => page(monitoring.GET('/api/monitoring/audit', query(after))),
      ];
      const { rows, rest } = await mergeNewest<AuditRecord>(fetches, pageParam, atOnce);

      return { rows, next: undefined, rest };
    },
    initialPageParam: undefined as Source<AuditRecord>[] | undefined,
    getNextPageParam: ({ rest }) => rest,
    placeholderData: keepPreviousData,
  });

/** What people and devices are called, by Monitoring's copies of them; those that are gone aren't in it. */
export const useNames = () =>
  useQuery({
    queryKey: keys.names.all,
    queryFn: async ({ signal }) => {
      const [people, things] = await Promise.all([
        answer(monitoring.GET('/api/monitoring/users', { params: { query: { limit: 1000 } }, signal })),
        answer(monitoring.GET('/api/monitoring/devices', { params: { query: { limit: 1000 } }, signal })),
      ]);

      return {
        people: people.map(({ id, username }) => ({ id, name: username })),
        all: new Map([
          ...people.map(({ id, username }) => [id, username] as const),
          ...things.map(({ id, name }) => [id, name] as const),
        ]),
      };
    },
    staleTime: 60_000,
  }).data;
