import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answer, ApiError, devices as allDevices, monitoring, page, type Answer, type MonitoringPaths } from '@/api/client';
import { refetchEvery } from '@/lib/queryClient';
import { compareNames } from '@/lib/intl';
import { keys } from '@/lib/queryKeys';

type MonitoredDevice = Answer<MonitoringPaths['/api/monitoring/devices']['get']>[number];

/**
 * `max_consumption` is kWh per clock hour, `price` is per kWh. `periods` says when it belonged to the caller; an administrator
 * sees all devices at all times.
 */
export type Device = Omit<MonitoredDevice, 'periods'> & Partial<Pick<MonitoredDevice, 'periods'>>;

// Monitoring's copy, not the devices service's: it alone decides whose readings may be seen.
const listDevices = ({ signal }: { signal: AbortSignal }): Promise<Device[]> =>
  answer(monitoring.GET('/api/monitoring/devices', { params: { query: { limit: 1000, with_ended: 'true' } }, signal }));

/** Whether any of its hours may have a price. */
export const hasCost = ({ price, tariffs }: Pick<Device, 'price' | 'tariffs'>) =>
  price !== null || tariffs.some(({ tariff_id }) => tariff_id !== null);

/** When a device stopped belonging to the caller; null while it does. */
export const endOf = ({ periods }: Device) => periods?.at(-1)?.until ?? null;

/** The devices that belong to the caller, or once did, by name. A newly assigned one appears by itself, soonest where none is. */
export const useDevices = ({ enabled }: { enabled: boolean }) =>
  useQuery({
    queryKey: keys.devices.all,
    queryFn: listDevices,
    enabled,
    staleTime: 30_000,
    refetchInterval: (query) => refetchEvery(query.state.data?.length === 0 ? 10_000 : 60_000)(query),
    select: byName,
  });

/** So many of an installation's devices are added up; the server searches the others. */
export const mostAddedUp = 300;

/** So many are listed to choose from. */
export const mostListed = 12;

/**
 * The devices that belong to the caller now whose name or description holds what is searched: all of a client's, and of an
 * administrator's as many as a page bears.
 */
export function useSomeDevices(search: string, isAdmin: boolean, { most, enabled = true }: { most: number; enabled?: boolean }) {
  const own = useQuery({
    queryKey: keys.devices.all,
    queryFn: listDevices,
    staleTime: 30_000,
    refetchInterval: refetchEvery(30_000),
    enabled: enabled && !isAdmin,
  });
  const found = useQuery({
    queryKey: keys.devices.of('found', search, most),
    queryFn: ({ signal }) =>
      page(allDevices.GET('/api/devices', { params: { query: { limit: most, ...(search && { search }) } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    refetchInterval: refetchEvery(60_000),
    enabled: enabled && isAdmin,
  });

  const sorted = useMemo(() => own.data && byName(own.data.filter((device) => endOf(device) === null)), [own.data]);
  const devices = useMemo(() => {
    const wanted = search.toLocaleLowerCase();
    return isAdmin ? found.data?.rows : sorted?.filter((device) => textOf(device).includes(wanted));
  }, [isAdmin, found.data, sorted, search]);
  const { error, isFetching, refetch } = isAdmin ? found : own;

  return {
    devices,
    /** All that is known here, whatever is searched. */
    known: isAdmin ? devices : sorted,
    /** There are others that aren't among them. */
    more: isAdmin && found.data?.next !== undefined,
    /** How many there are in all, where that is known. */
    total: isAdmin ? found.data?.total : devices?.length,
    data: devices,
    error,
    isFetching,
    refetch,
  };
}

/** A device of an installation whose devices are too many to be loaded; null when there is none. */
export const useDevice = (id: string | undefined) =>
  useQuery({
    queryKey: keys.devices.of('one', id ?? ''),
    queryFn: async ({ signal }): Promise<Device | null> => {
      try {
        return await answer(allDevices.GET('/api/devices/{id}', { params: { path: { id: id ?? '' } }, signal }));
      } catch (error) {
        // Gone, or never there: an answer, not a failure.
        if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return null;
        throw error;
      }
    },
    staleTime: 30_000,
    enabled: id !== undefined,
  });

const textOf = ({ name, description }: Device) => `${name} ${description}`.toLocaleLowerCase();

/** Those that no longer belong to the caller come last. */
const byName = (devices: Device[]) =>
  devices.toSorted((a, b) => Number(endOf(a) !== null) - Number(endOf(b) !== null) || compareNames(a.name, b.name));
