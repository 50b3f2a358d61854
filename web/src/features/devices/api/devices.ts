import { useQuery } from '@tanstack/react-query';
import { answer, monitoring, type Answer, type MonitoringPaths } from '@/api/client';
import { refetchEvery } from '@/lib/queryClient';
import { locale } from '@/lib/locale';

/** `max_consumption` is kWh per clock hour, `price` is per kWh. */
export type Device = Answer<MonitoringPaths['/api/monitoring/devices']['get']>[number];

// Monitoring's copy, not the devices service's: it alone decides whose readings may be seen.
const listDevices = ({ signal }: { signal: AbortSignal }): Promise<Device[]> =>
  answer(monitoring.GET('/api/monitoring/devices', { signal }));

/** The devices that the caller may see, by name. A newly assigned one appears by itself, soonest where none is. */
export const useDevices = () =>
  useQuery({
    queryKey: ['devices'],
    queryFn: listDevices,
    staleTime: 30_000,
    refetchInterval: (query) => refetchEvery(query.state.data?.length === 0 ? 10_000 : 60_000)(query),
    select: byName,
  });

const byName = (devices: Device[]) => devices.toSorted((a, b) => a.name.localeCompare(b.name, locale(), { numeric: true }));
