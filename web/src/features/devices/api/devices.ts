import { keepPreviousData, queryOptions, useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answer, ApiError, devices as allDevices, monitoring, page, type Answer, type MonitoringPaths } from '@/api/client';
import { refetchEvery } from '@/lib/queryClient';
import { compareNames } from '@/lib/intl';

/** `max_consumption` is kWh per clock hour, `price` is per kWh. */
export type Device = Answer<MonitoringPaths['/api/monitoring/devices']['get']>[number];

// Monitoring's copy, not the devices service's: it alone decides whose readings may be seen.
const listDevices = ({ signal }: { signal: AbortSignal }): Promise<Device[]> =>
  answer(monitoring.GET('/api/monitoring/devices', { params: { query: { limit: 1000 } }, signal }));

/** The devices that the caller may see, by name. A newly assigned one appears by itself, soonest where none is. */
export const useDevices = ({ enabled }: { enabled: boolean }) =>
  useQuery({
    queryKey: ['devices'],
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
 * The devices that the caller may see whose name or description holds what is searched: all of a client's, and of an
 * administrator's as many as a page bears.
 */
export function useSomeDevices(search: string, isAdmin: boolean, { most, enabled = true }: { most: number; enabled?: boolean }) {
  const own = useQuery({
    queryKey: ['devices'],
    queryFn: listDevices,
    staleTime: 30_000,
    refetchInterval: refetchEvery(30_000),
    enabled: enabled && !isAdmin,
  });
  const found = useQuery({
    queryKey: ['devices', 'found', search, most],
    queryFn: ({ signal }) =>
      page(allDevices.GET('/api/devices', { params: { query: { limit: most, ...(search && { search }) } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    refetchInterval: refetchEvery(60_000),
    enabled: enabled && isAdmin,
  });

  const sorted = useMemo(() => own.data && byName(own.data), [own.data]);
  const devices = useMemo(() => {
    const wanted = search.toLocaleLowerCase();
    return isAdmin ? found.data?.rows : sorted?.filter((device) => textOf(device).includes(wanted));
  }, [isAdmin, found.data, sorted, search]);
  const { error, isFetching, refetch } = isAdmin ? found : own;

  return {
    devices,
    /** All that is known here, whatever is searched. */
    known: isAdmin ? devices : own.data,
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

const oneQuery = (id: string) =>
  queryOptions({
    queryKey: ['devices', 'one', id],
    queryFn: async ({ signal }): Promise<Device | null> => {
      try {
        return await answer(allDevices.GET('/api/devices/{id}', { params: { path: { id } }, signal }));
      } catch (error) {
        // Gone, or never there: an answer, not a failure.
        if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return null;
        throw error;
      }
    },
    staleTime: 30_000,
  });

/** A device of an installation whose devices are too many to be loaded; null when there is none. */
export const useDevice = (id: string | undefined) => useQuery({ ...oneQuery(id ?? ''), enabled: id !== undefined });

/**
 * Devices by their ids: a client's own, or of an administrator's only those asked for. Null where there is none (any more);
 * undefined while nobody knows.
 */
export function useDevicesById(ids: readonly string[], isAdmin: boolean): ReadonlyMap<string, Device | null | undefined> {
  const distinct = [...new Set(ids)];
  const own = useDevices({ enabled: !isAdmin }).data;
  const asked = useQueries({
    queries: isAdmin ? distinct.map(oneQuery) : [],
    combine: (results) => results.map(({ data }) => data),
  });

  return new Map(
    distinct.map((id, index) => [id, isAdmin ? asked[index] : own && (own.find((device) => device.id === id) ?? null)]),
  );
}

const textOf = ({ name, description }: Device) => `${name} ${description}`.toLocaleLowerCase();

const byName = (devices: Device[]) => devices.toSorted((a, b) => compareNames(a.name, b.name));
