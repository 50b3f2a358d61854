import { queryOptions, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { answer, gateway, type Answer, type GatewayPaths } from '@/api/client';
import { setCurrency } from '@/lib/currency';
import { isOf, keys } from '@/lib/queryKeys';

export type SessionUser = Answer<GatewayPaths['/session']['post']>['user'];
export type Credentials = GatewayPaths['/session']['post']['requestBody']['content']['application/json'];
export type Registration = GatewayPaths['/session/register']['post']['requestBody']['content']['application/json'];

/** Who is signed in, to which version of the product; or that nobody is, and how that came about. */
export type Session = { user: SessionUser; version: string } | { user: null; ended: 'expired' | 'by-choice' | null };

const nobody: Session = { user: null, ended: null };
const ended = (how: 'expired' | 'by-choice'): Session => ({ user: null, ended: how });

export const sessionQuery = queryOptions({
  queryKey: keys.session.all,
  staleTime: 60_000,
  queryFn: async ({ client, signal }): Promise<Session> => {
    const session = await answer(gateway.GET('/session', { signal }));
    takeCurrency(session);
    const { user, version } = session;
    if (user) return { user, version };

    const before = client.getQueryData<Session>(['session']) ?? nobody;
    return before.user ? ended('expired') : before;
  },
});

/** An answer may name the installation's currency. */
const takeCurrency = (session: { user: unknown; currency?: unknown }) => setCurrency(session.currency);

export const useSession = () => useQuery(sessionQuery);

export const useSignIn = () => useOpen((body: Credentials) => answer(gateway.POST('/session', { body })));

/** Makes an account and opens its session. */
export const useRegister = () => useOpen((body: Registration) => answer(gateway.POST('/session/register', { body })));

function useOpen<Body>(open: (body: Body) => Promise<{ user: SessionUser; version: string }>) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: open,
    onSuccess: (session) => {
      takeCurrency(session);
      // Who changed the password goes on with what is open.
      if (client.getQueryData(sessionQuery.queryKey)?.user?.id !== session.user.id) forgetEverything(client);
      client.setQueryData(sessionQuery.queryKey, session);
    },
  });
}

export function useSignOut() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: () => answer(gateway.DELETE('/session')),
    onSuccess: () => {
      client.setQueryData(sessionQuery.queryKey, ended('by-choice'));
      forgetEverything(client);
    },
  });
}

/** Called when any service says that it no longer knows the caller. */
export function expireSession(client: QueryClient) {
  client.setQueryData(sessionQuery.queryKey, (session) => (session?.user ? ended('expired') : session));
}

/** What one person has loaded is not the next one's to see. */
function forgetEverything(client: QueryClient) {
  client.removeQueries({ predicate: ({ queryKey }) => !isOf(keys.session, queryKey) });
}
