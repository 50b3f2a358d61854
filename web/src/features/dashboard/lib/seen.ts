import type { Latest } from '@/features/live/updates';
import { numberFormat } from '@/lib/intl';
import { isSilentSince } from '@/lib/silence';

/** Whether readings that should have come by now did not. One that has never sent any is not silent but new. */
export const isSilent = (latest: Latest | null | undefined, intervalSeconds: number, now: Date) =>
  latest != null && isSilentSince(new Date(latest.timestamp), intervalSeconds, now);

/** How long something has lasted, in its largest unit up to days, for example `3 minutes`. These are words, and the page's are English. */
export function formatLength(since: Date, now: Date) {
  const seconds = Math.max(0, Math.round((now.getTime() - since.getTime()) / 1000));
  const [unit, size] =
    seconds < 60
      ? (['second', 1] as const)
      : seconds < 3600
        ? (['minute', 60] as const)
        : seconds < 86_400
          ? (['hour', 3600] as const)
          : (['day', 86_400] as const);

  return numberFormat({ style: 'unit', unit, unitDisplay: 'long' }, 'en').format(Math.floor(seconds / size));
}
