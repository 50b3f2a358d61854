import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answer, monitoring } from '@/api/client';
import { refetchEvery } from '@/lib/queryClient';
import { readingsKey } from '@/lib/queryKeys';
import type { Day } from '@/lib/zone';
import { parseReadings } from '../lib/readings';

/** All readings of a stretch of days in one answer, in the order of time. As a table of text they are half the size. */
export const useReadings = (deviceId: string, first: Day, last: Day, current: boolean) =>
  useQuery({
    queryKey: readingsKey(deviceId, first, last),
    queryFn: async ({ signal }) =>
      parseReadings(
        await answer<string>(
          monitoring.GET('/api/monitoring/measurements', {
            params: { query: { device_id: deviceId, start_date: first, end_date: last } },
            headers: { Accept: 'text/csv' },
            parseAs: 'text',
            signal,
          }),
        ),
      ),
    staleTime: current ? 10_000 : 300_000,
    refetchInterval: refetchEvery(current ? 30_000 : false),
    placeholderData: keepPreviousData,
  });
