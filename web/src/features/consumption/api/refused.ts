import { useQuery } from '@tanstack/react-query';
import { answer, monitoring } from '@/api/client';
import type { Day } from '@/lib/zone';
import { keys } from '@/lib/queryKeys';

/** How many of a device's readings of its days `first` to `last` were not accepted and wait for a decision. */
export const useRefused = (deviceId: string, first: Day, last: Day, enabled: boolean) =>
  useQuery({
    queryKey: keys.quarantineSummary.of(deviceId, first, last),
    queryFn: ({ signal }) => {
      const query = { device_id: deviceId, start_date: first, end_date: last };
      return answer(monitoring.GET('/api/monitoring/quarantine/summary', { params: { query }, signal }));
    },
    enabled,
    staleTime: 30_000,
    select: (reasons) => reasons.reduce((sum, { count }) => sum + count, 0),
  }).data;
