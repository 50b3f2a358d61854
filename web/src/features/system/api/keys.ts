import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, identity } from '@/api/client';
import { invalidate, keys } from '@/lib/queryKeys';

/** Rotates the keys that sign and encrypt tokens. When the old ones go at once, every session ends: the next answer says so. */
export function useRotateKeys() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: (retireOld: boolean) => answer(identity.POST('/api/auth/keys/rotate', { body: { retire_old: retireOld } })),
    // Not waited for: a service that is away would hold up the news.
    onSuccess: () => void invalidate(client, keys.health, keys.audit),
  });
}
