import { Badge } from '@/components/ui/Badge';
import { Skeleton } from '@/components/ui/Skeleton';
import { formatShare } from '@/lib/energy';
import { formatNumber } from '@/lib/intl';
import { isSilentSince } from '@/lib/silence';
import { formatAgo, formatMoment } from '@/lib/time';
import { useNow } from '@/lib/useNow';
import type { RegisteredDevice } from '../api/registry';
import { useReporting } from '../api/reporting';

/** When the last reading came. */
export function LastSeen({ device }: { device: RegisteredDevice }) {
  const { data, isError } = useReporting(device.id, device.time_zone);
  const now = useNow(15_000);

  if (isError) return <span className="text-ink-faint">Unknown</span>;
  if (!data) return <Skeleton className="h-5 w-20" />;
  if (!data.lastSeen) return <Badge>Never</Badge>;

  const ago = formatAgo(data.lastSeen, now);
  return (
    <time dateTime={data.lastSeen.toISOString()} title={formatMoment(data.lastSeen)}>
      {isSilentSince(data.lastSeen, device.reporting_interval_seconds, now) ? <Badge tone="bad">{ago}</Badge> : ago}
    </time>
  );
}

/** How many readings came today, and how many of those that were expected. */
export function Today({ device }: { device: RegisteredDevice }) {
  const { data, isError } = useReporting(device.id, device.time_zone);

  if (isError) return <span className="text-ink-faint">Unknown</span>;
  if (!data) return <Skeleton className="h-5 w-24" />;

  return (
    <span className="tabular-nums">
      {formatNumber(data.today)}
      {data.completeness !== null && <span className="text-ink-faint"> · {formatShare(data.completeness)}</span>}
    </span>
  );
}
