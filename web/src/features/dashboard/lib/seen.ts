import type { Latest } from '@/features/live/updates';
import { isSilentSince } from '@/lib/silence';

/** Whether readings that should have come by now did not. One that has never sent any is not silent but new. */
export const isSilent = (latest: Latest | null | undefined, intervalSeconds: number, now: Date) =>
  latest != null && isSilentSince(new Date(latest.timestamp), intervalSeconds, now);

/** How long ago something was, in its largest unit: `3 minutes ago`; as a length `3 minutes`. These are words, and the page's are English. */
export function formatAge(timestamp: string, now: Date, asLength = false) {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(timestamp)) / 1000));
  const [value, unit] =
    seconds < 60
      ? ([seconds, 'second'] as const)
      : seconds < 3600
        ? ([Math.floor(seconds / 60), 'minute'] as const)
        : seconds < 86_400
          ? ([Math.floor(seconds / 3600), 'hour'] as const)
          : ([Math.floor(seconds / 86_400), 'day'] as const);

  return asLength
    ? value.toLocaleString('en', { style: 'unit', unit, unitDisplay: 'long' })
    : new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(-value, unit);
}
