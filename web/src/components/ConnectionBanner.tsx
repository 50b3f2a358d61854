import { useQueryClient, type QueryCache } from '@tanstack/react-query';
import { WifiOff } from 'lucide-react';
import { useCallback, useSyncExternalStore } from 'react';
import { isUnreachable } from '@/api/client';
import { formatTime } from '@/lib/time';

/** Says that the page shows old figures because the server is away; goes by itself when an answer comes. */
export function ConnectionBanner() {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback(
    (listener: () => void) => {
      const leave = cache.subscribe(listener);
      window.addEventListener('online', listener);
      window.addEventListener('offline', listener);

      return () => {
        leave();
        window.removeEventListener('online', listener);
        window.removeEventListener('offline', listener);
      };
    },
    [cache],
  );
  const since = useSyncExternalStore(subscribe, () => staleSince(cache));

  if (since === null) return null;

  return (
    <div role="alert" className="flex items-center justify-center gap-2.5 bg-alert-soft px-4 py-2.5 text-sm">
      <WifiOff aria-hidden="true" className="size-4 shrink-0 text-alert" />
      <span>
        <strong className="font-semibold">Connection lost.</strong>{' '}
        {since > 0 && `Figures are from ${formatTime(new Date(since))}. `}
        Trying again by itself.
      </span>
    </div>
  );
}

/** When the oldest of the figures came that can't be renewed now; 0 when there are none; null when all is well. */
function staleSince(cache: QueryCache) {
  const stale = cache
    .getAll()
    .filter((query) => query.isActive() && query.state.data !== undefined && isUnreachable(query.state.error))
    .map((query) => query.state.dataUpdatedAt);

  if (stale.length > 0) return Math.min(...stale);
  return navigator.onLine ? null : 0;
}
