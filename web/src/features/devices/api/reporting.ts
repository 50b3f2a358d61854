import { useQuery } from '@tanstack/react-query';
import { answer, monitoring, type Answer, type MonitoringPaths } from '@/api/client';
import { refetchEvery } from '@/lib/queryClient';
import { useStays } from '@/lib/useStays';
import { todayIn } from '@/lib/zone';
import { keys } from '@/lib/queryKeys';
import { seenInterval } from '../interval';

// The same addresses also answer as CSV, or for several devices, to those who ask for it.
type Latest = Answer<MonitoringPaths['/api/monitoring/measurements']['get']>;
type Day = Exclude<Answer<MonitoringPaths['/api/monitoring/hourly/daily']['get']>, unknown[]>;

export interface Reporting {
  /** Start of the interval of the latest reading; null when there has never been one. */
  lastSeen: Date | null;
  today: number;
  /** Readings of today's finished hours that came, as a share of those expected; null before the first hour is over. */
  completeness: number | null;
}

/** How well a device reports: its latest reading, and today in its own zone. */
export function useReporting(id: string, zone: string) {
  const enabled = useStays();

  return useQuery({
    enabled,
    queryKey: keys.reporting.of(id, zone),
    queryFn: async ({ signal }): Promise<Reporting> => {
      const now = new Date();
      const [latest, day] = (await Promise.all([
        answer(monitoring.GET('/api/monitoring/measurements', { params: { query: { device_id: id, limit: 1 } }, signal })),
        answer(
          monitoring.GET('/api/monitoring/hourly/daily', {
            params: { query: { device_id: id, date: todayIn(zone, now) } },
            signal,
          }),
        ),
      ])) as [Latest, Day];
      const finished = day.hourly_data.filter(({ start }) => Date.parse(start) + 3_600_000 <= now.getTime());
      const expected = finished.reduce((sum, hour) => sum + hour.expected_count, 0);
      const came = finished.reduce((sum, hour) => sum + Math.min(hour.measurement_count, hour.expected_count), 0);

      return {
        lastSeen: latest[0] ? new Date(latest[0].timestamp) : null,
        today: day.measurement_count,
        completeness: expected === 0 ? null : came / expected,
      };
    },
    staleTime: 30_000,
    refetchInterval: refetchEvery(60_000),
    // A device that is too new for Monitoring's copy is unknown there for a moment.
    retry: 1,
  });
}

/** The seconds between a device's latest readings; null while they tell nothing. */
export const useSeenInterval = (id: string) =>
  useQuery({
    queryKey: keys.reporting.of(id, 'interval'),
    queryFn: ({ signal }) =>
      answer(
        monitoring.GET('/api/monitoring/measurements', { params: { query: { device_id: id, limit: 16 } }, signal }),
      ) as Promise<Latest>,
    staleTime: 30_000,
    refetchInterval: refetchEvery(60_000),
    retry: 1,
    select: (readings) => seenInterval(readings.map(({ timestamp }) => Date.parse(timestamp))),
  }).data;
