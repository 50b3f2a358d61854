import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, identity, users, type Answer, type UsersPaths } from '@/api/client';
import { keys } from '@/lib/queryKeys';
import { useSession, useSignIn } from './session';

export type Profile = Answer<UsersPaths['/api/users/{id}']['get']>;
export type ProfileChange = Partial<UsersPaths['/api/users/{id}']['put']['requestBody']['content']['application/json']>;

/** Changes the caller's password. That ends every session, so this browser opens a new one at once. */
export function useChangePassword() {
  const username = useSession().data?.user?.username ?? '';
  const signIn = useSignIn();

  return useMutation({
    mutationFn: async ({ current, next }: { current: string; next: string }) => {
      await answer(identity.PUT('/api/auth/me/password', { body: { current_password: current, new_password: next } }));
      await signIn.mutateAsync({ username, password: next }).catch(() => undefined);
    },
  });
}

const profileKey = (id: string) => keys.profile.of(id);

/** Somebody's names, e-mail address and phone number: one's own, or anybody's for an admin. */
export const useProfile = (id: string) =>
  useQuery({
    queryKey: profileKey(id),
    queryFn: ({ signal }) => answer(users.GET('/api/users/{id}', { params: { path: { id } }, signal })),
    enabled: id !== '',
  });

export function useChangeProfile(id: string) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: (body: ProfileChange) =>
      answer(users.PUT('/api/users/{id}', { params: { path: { id } }, body: body as Required<ProfileChange> })),
    onSuccess: (profile) => client.setQueryData(profileKey(id), profile),
  });
}
