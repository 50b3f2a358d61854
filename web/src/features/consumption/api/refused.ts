import { useQuery } from '@tanstack/react-query';
import { monitoring, page } from '@/api/client';
import { startOf, stepDay, type Day } from '@/lib/zone';

const most = 1000;

/** How many of a device's readings of a stretch of days were not accepted and wait for a decision; `more` may be among older ones. */
export const useRefused = (deviceId: string, zone: string, first: Day, last: Day, enabled: boolean) =>
  useQuery({
    queryKey: ['quarantine', 'of', deviceId],
    queryFn: ({ signal }) =>
      page(monitoring.GET('/api/monitoring/quarantine', { params: { query: { device_id: deviceId, limit: most } }, signal })),
    enabled,
    staleTime: 30_000,
    select: ({ rows, next }) => {
      const [from, to] = [startOf(first, zone), startOf(stepDay(last, 1), zone)];
      const count = rows.map(({ body }) => momentOf(body)).filter((moment) => from <= moment && moment < to).length;
      return { count, more: next !== undefined };
    },
  }).data;

/** When the reading that was sent is of; NaN when it doesn't say. */
export function momentOf(body: string) {
  try {
    const sent: unknown = JSON.parse(body);
    return typeof sent === 'object' && sent !== null && 'timestamp' in sent ? Date.parse(String(sent.timestamp)) : NaN;
  } catch {
    return NaN;
  }
}
