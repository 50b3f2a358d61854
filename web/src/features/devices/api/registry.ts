import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { answer, devices, page, versioned, type Answer, type DevicesPaths } from '@/api/client';
import { pageSize, paging } from '@/lib/pages';

/** A device as its operators know it. `max_consumption` is kWh per clock hour, `price` is per kWh. */
export type RegisteredDevice = Answer<DevicesPaths['/api/devices/{id}']['get']>;
export type DeviceChange = DevicesPaths['/api/devices/{id}']['put']['requestBody']['content']['application/json'];
export type NewDevice = DeviceChange & { name: string; max_consumption: number };

/** All devices, or those whose name or description contains a text. */
export const useRegistry = ({ search, sort = 'name' }: { search: string; sort?: string }) =>
  useInfiniteQuery({
    queryKey: ['registry', search, sort],
    queryFn: ({ pageParam: after, signal }) => {
      const query = { limit: pageSize(after), sort, ...(search && { search }), ...(after && { after }) };
      return page(devices.GET('/api/devices', { params: { query }, signal }));
    },
    ...paging,
  });

/** A device with its version, which a change names so that it can't undo somebody else's. */
export const useRegisteredDevice = (id: string) =>
  useQuery({
    queryKey: ['registered', id],
    queryFn: ({ signal }) => versioned(devices.GET('/api/devices/{id}', { params: { path: { id } }, signal })),
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

export function useDeleteDevice(id: string) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: () => answer(devices.DELETE('/api/devices/{id}', { params: { path: { id } } })),
    onSuccess: () => Promise.all(['registry', 'devices', 'mappings'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

const renewDevices = (client: QueryClient) =>
  Promise.all(['registry', 'registered', 'devices', 'audit'].map((key) => client.invalidateQueries({ queryKey: [key] })));
