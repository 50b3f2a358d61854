import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { answer, devices, monitoring, page, versioned, type Answer, type DevicesPaths } from '@/api/client';
import { pageSize, paging } from '@/lib/pages';
import { invalidate, keys } from '@/lib/queryKeys';

/** A device as its operators know it. `max_consumption` is kWh per clock hour, `price` is per kWh. */
export type RegisteredDevice = Answer<DevicesPaths['/api/devices/{id}']['get']>;
export type DeviceChange = DevicesPaths['/api/devices/{id}']['put']['requestBody']['content']['application/json'];
export type Meter = RegisteredDevice['meters'][number];
/** A meter to be set: without a time, the last of the list measures since now. */
export type MeterEntry = Pick<Meter, 'meter_id'> & { from?: string | null };
export type NewDevice = DeviceChange & { name: string; max_consumption: number; feed_in_of?: string };

/** All devices, or those whose name or description contains a text. */
export const useRegistry = ({ search, sort = 'name' }: { search: string; sort?: string }) =>
  useInfiniteQuery({
    queryKey: keys.registry.of(search, sort),
    queryFn: ({ pageParam: after, signal }) => {
      const query = { limit: pageSize(after), sort, ...(search && { search }), ...(after && { after }) };
      return page(devices.GET('/api/devices', { params: { query }, signal }));
    },
    ...paging,
  });

/** A device with its version, which a change names so that it can't undo somebody else's. */
export const useRegisteredDevice = (id: string) =>
  useQuery({
    queryKey: keys.registered.of(id),
    queryFn: ({ signal }) => versioned(devices.GET('/api/devices/{id}', { params: { path: { id } }, signal })),
  });

/** The feed-in of a device with a two-way meter; null without one. */
export const useFeedIn = (id: string) =>
  useQuery({
    queryKey: keys.registry.of('feed-in', id),
    queryFn: async ({ signal }) =>
      (await answer(devices.GET('/api/devices', { params: { query: { feed_in_of: id, limit: 1 } }, signal })))[0] ?? null,
  });

export function useCreateDevice() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: async (body: NewDevice) => {
      const created = await answer(
        devices.POST('/api/devices', {
          body: body,
        }),
      );
      return created.device;
    },
    onSuccess: () => renewDevices(client),
  });
}

export function useChangeDevice(id: string) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: ({ change, version }: { change: DeviceChange; version: string | undefined }) =>
      answer(
        devices.PUT('/api/devices/{id}', {
          params: { path: { id }, header: version === undefined ? {} : { 'If-Match': version } },
          body: change,
        }),
      ),
    onSettled: () => renewDevices(client),
  });
}

/** Sets which meters measure for a device and since when. Answers with the device and its new version. */
export function useChangeMeters(id: string) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: ({ meters, version }: { meters: readonly MeterEntry[]; version: string | undefined }) =>
      versioned(
        devices.PUT('/api/devices/{id}/meters', {
          params: { path: { id }, header: version === undefined ? {} : { 'If-Match': version } },
          body: { meters: [...meters] },
        }),
      ),
    onSettled: () => Promise.all([renewDevices(client), invalidate(client, keys.quarantine, keys.consumption)]),
  });
}

/**
 * Ids with which meters report that belong to no device, the latest first, each with the time of its last reading. Production registers
 * are left out: their readings wait for a feed-in.
 */
export const useUnknownMeters = () =>
  useQuery({
    queryKey: keys.quarantine.of('unknown meters'),
    queryFn: async ({ signal }) => {
      const query = { reason: 'unknown_device', limit: 100 };
      const readings = await answer(monitoring.GET('/api/monitoring/quarantine', { params: { query }, signal }));
      const meters = readings.filter(({ body }) => !/"direction"\s*:\s*"production"/.test(body));
      return new Map(meters.toReversed().map(({ device_id, received_at }) => [device_id ?? '', received_at]));
    },
  });

export function useDeleteDevice(id: string) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: () => answer(devices.DELETE('/api/devices/{id}', { params: { path: { id } } })),
    onSuccess: () => invalidate(client, keys.registry, keys.devices, keys.mappings),
  });
}

export const renewDevices = (client: QueryClient) => invalidate(client, keys.registry, keys.registered, keys.devices, keys.audit);
