import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, identity, page, type Answer, type IdentityPaths } from '@/api/client';
import { paging } from '@/lib/pages';
import { keys } from '@/lib/queryKeys';

export type Saga = Answer<IdentityPaths['/api/auth/sagas/{id}']['get']>;
export type SagaStep = Saga['steps'][number];

export interface SagaFilter {
  state?: string;
  type?: string;
  subject?: string;
}

/** Still doing, or still undoing. */
export const isRunning = ({ state }: Saga) => state === 'running' || state === 'compensating';

/** Should have ended long ago: it keeps being tried because a service that it needs is away or refuses. */
export const isStuck = (saga: Saga, now: Date) => isRunning(saga) && now.getTime() - Date.parse(saga.deadline) > 30_000;

/** Those that have not ended, the newest 100 of each kind. */
export const useUnfinishedSagas = () =>
  useQuery({
    queryKey: keys.sagas.of('unfinished'),
    queryFn: async ({ signal }) =>
      (
        await Promise.all(
          ['running', 'compensating'].map((state) =>
            answer(identity.GET('/api/auth/sagas', { params: { query: { state, limit: 100 } }, signal })),
          ),
        )
      ).flat(),
    refetchInterval: 30_000,
  });

/** Changes that several services made together, the newest first. While one runs it is looked at often. */
export const useSagas = (filter: SagaFilter) =>
  useInfiniteQuery({
    queryKey: keys.sagas.of(filter),
    queryFn: ({ pageParam: after, signal }) =>
      page(identity.GET('/api/auth/sagas', { params: { query: { ...filter, limit: 100, ...(after && { after }) } }, signal })),
    ...paging,
    // All loaded pages are asked for again, so the more there are, the less often.
    refetchInterval: ({ state: { data } }) =>
      (data?.pages.some(({ rows }) => rows.some(isRunning)) ? 1_000 : 15_000) * (data?.pages.length ?? 1),
  });

export const useSaga = (id: string) =>
  useQuery({
    queryKey: keys.saga.of(id),
    queryFn: ({ signal }) => answer(identity.GET('/api/auth/sagas/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (query) => (query.state.data && isRunning(query.state.data) ? 1_000 : false),
  });

/** The saga that a call has started and that runs until it answers: an account's, or the registration under a username. */
export function useRunningSaga(about: { subject: string } | { username: string }, active: boolean) {
  const subject = 'subject' in about ? about.subject : undefined;
  const username = 'username' in about ? about.username : undefined;
  const filter = subject === undefined ? { type: 'registration' } : { subject };

  return useQuery({
    queryKey: keys.runningSaga.of(filter, username),
    queryFn: async ({ signal }) => {
      const sagas = await answer(identity.GET('/api/auth/sagas', { params: { query: { ...filter, limit: 10 } }, signal }));
      return sagas.find((saga) => isRunning(saga) && (username === undefined || saga.username === username)) ?? null;
    },
    enabled: active,
    gcTime: 0,
    refetchInterval: 400,
  }).data;
}
