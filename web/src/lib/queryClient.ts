import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { isUnauthorized, isUnreachable } from '@/api/client';

/** How often a query whose server is away asks again. */
const healEvery = 5_000;

/** Refetches at an interval of its own, or at the healing one while the server is away. */
export const refetchEvery =
  (interval: number | false) =>
  ({ state }: { state: { error: Error | null } }) =>
    isUnreachable(state.error) ? healEvery : interval;

export function createQueryClient({ onUnauthorized }: { onUnauthorized: (client: QueryClient) => void }): QueryClient {
  const onError = (error: Error) => {
    if (isUnauthorized(error)) onUnauthorized(client);
  };

  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // What the server refuses it refuses again; only its absence is worth a second try.
        retry: (failures, error) => isUnreachable(error) && failures < 1,
        retryDelay: 800,
        refetchInterval: refetchEvery(false),
      },
    },
  });

  return client;
}
