import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import {
  answer,
  gateway,
  identity,
  page,
  users,
  versioned,
  type Answer,
  type GatewayPaths,
  type IdentityPaths,
  type UsersPaths,
} from '@/api/client';
import { pageSize, paging } from '@/lib/pages';
import { invalidate, keys } from '@/lib/queryKeys';

export type Account = Answer<IdentityPaths['/api/auth/users/{id}']['get']>;
export type Person = Answer<UsersPaths['/api/users']['get']>[number];
export type NewAccount = GatewayPaths['/session/accounts']['post']['requestBody']['content']['application/json'];
export type AccountChange = IdentityPaths['/api/auth/users/{id}']['put']['requestBody']['content']['application/json'];

/** Everybody, or those with a text in their username, name or e-mail address, or with a role. */
export const usePeople = ({ search, role, sort = 'username' }: { search: string; role: string; sort?: string }) =>
  useInfiniteQuery({
    queryKey: keys.people.of(search, role, sort),
    queryFn: ({ pageParam: after, signal }) => {
      const query = { limit: pageSize(after), sort, ...(search && { search }), ...(role && { role }), ...(after && { after }) };
      return page(users.GET('/api/users', { params: { query }, signal }));
    },
    ...paging,
  });

/** An account with its version, which a change names so that it can't undo somebody else's. */
export const useAccount = (id: string, { enabled = true } = {}) =>
  useQuery({
    enabled,
    queryKey: keys.account.of(id),
    queryFn: ({ signal }) => versioned(identity.GET('/api/auth/users/{id}', { params: { path: { id } }, signal })),
  });

export function useCreateAccount() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: async (body: NewAccount) => (await answer(gateway.POST('/session/accounts', { body }))).user.id,
    onSettled: () => renewAccounts(client),
  });
}

export function useChangeAccount(id: string) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: ({ change, version }: { change: AccountChange; version?: string | undefined }) =>
      answer(
        identity.PUT('/api/auth/users/{id}', {
          params: { path: { id } },
          body: change,
          headers: version === undefined ? {} : { 'If-Match': version },
        }),
      ),
    onSettled: () => renewAccounts(client),
  });
}

export function useDeleteAccount(id: string) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: () => answer(identity.DELETE('/api/auth/users/{id}', { params: { path: { id } } })),
    onSuccess: () => invalidate(client, keys.people, keys.mappings),
  });
}

/** Locks an account until a moment, or without one until it is unlocked. */
export function useLockAccount(id: string) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: (until: Date | null) =>
      answer(
        identity.PUT('/api/auth/users/{id}/lock', {
          params: { path: { id } },
          body: until === null ? {} : { until: until.toISOString() },
        }),
      ),
    onSettled: () => renewAccounts(client),
  });
}

/** Unlocks an account, also where failed sign-ins have locked it. */
export function useUnlockAccount(id: string) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: () => answer(identity.DELETE('/api/auth/users/{id}/lock', { params: { path: { id } } })),
    onSettled: () => renewAccounts(client),
  });
}

const renewAccounts = (client: QueryClient) => invalidate(client, keys.people, keys.account, keys.profile, keys.audit);

/** First and last name, as far as they are known. */
export const fullName = ({ fname, lname }: Pick<Person, 'fname' | 'lname'>) => [fname, lname].filter(Boolean).join(' ');
