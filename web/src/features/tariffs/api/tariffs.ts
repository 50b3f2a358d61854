import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { answer, devices, page, versioned, type Answer, type DevicesPaths } from '@/api/client';
import { pageSize, paging } from '@/lib/pages';
import { invalidate, keys } from '@/lib/queryKeys';

/** Prices of energy that several devices can have. Dates and hours are those of a device's site. */
export type Tariff = Answer<DevicesPaths['/api/tariffs/{id}']['get']>;
export type TariffPrices = Tariff['prices'][number];
export type TariffTime = TariffPrices['times'][number];
export type TariffChange = DevicesPaths['/api/tariffs/{id}']['put']['requestBody']['content']['application/json'];
/** Which tariff a device has from a date on. */
export type DeviceTariff = Answer<DevicesPaths['/api/devices/{id}']['get']>['tariffs'][number];

/** All tariffs, or those whose name contains a text. */
export const useTariffs = ({ search, sort }: { search: string; sort: string }) =>
  useInfiniteQuery({
    queryKey: keys.tariffs.of('list', search, sort),
    queryFn: ({ pageParam: after, signal }) => {
      const query = { limit: pageSize(after), sort, ...(search && { search }), ...(after && { after }) };
      return page(devices.GET('/api/tariffs', { params: { query }, signal }));
    },
    ...paging,
  });

/** As many tariffs as there can be to choose from, by name. */
export const useAllTariffs = () =>
  useQuery({
    queryKey: keys.tariffs.of('all'),
    queryFn: ({ signal }) => answer(devices.GET('/api/tariffs', { params: { query: { limit: 1000 } }, signal })),
    staleTime: 30_000,
  });

/** A tariff with its version, which a change names so that it can't undo somebody else's. */
export const useTariff = (id: string) =>
  useQuery({
    queryKey: keys.tariffs.of('one', id),
    queryFn: ({ signal }) => versioned(devices.GET('/api/tariffs/{id}', { params: { path: { id } }, signal })),
  });

export function useCreateTariff() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: async (body: TariffChange) => (await answer(devices.POST('/api/tariffs', { body }))).tariff,
    onSuccess: () => renew(client),
  });
}

export function useChangeTariff(id: string) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: ({ body, version }: { body: TariffChange; version: string | undefined }) =>
      answer(devices.PUT('/api/tariffs/{id}', { params: { path: { id }, header: ifMatch(version) }, body })),
    onSettled: () => renew(client),
  });
}

export function useDeleteTariff(id: string) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: () => answer(devices.DELETE('/api/tariffs/{id}', { params: { path: { id } } })),
    onSuccess: () => renew(client),
  });
}

/** Sets which tariffs a device has and since when. Answers with the device and its new version. */
export function useChangeDeviceTariffs(id: string) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: ({ tariffs, version }: { tariffs: readonly DeviceTariff[]; version: string | undefined }) =>
      versioned(
        devices.PUT('/api/devices/{id}/tariffs', {
          params: { path: { id }, header: ifMatch(version) },
          body: { tariffs: [...tariffs] },
        }),
      ),
    onSettled: () =>
      invalidate(client, keys.registry, keys.registered, keys.devices, keys.consumption, keys.forecast, keys.audit),
  });
}

const renew = (client: QueryClient) => invalidate(client, keys.tariffs, keys.consumption, keys.forecast, keys.audit);

const ifMatch = (version: string | undefined) => (version === undefined ? {} : { 'If-Match': version });
