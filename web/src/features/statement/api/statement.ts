import { useInfiniteQuery } from '@tanstack/react-query';
import { monitoring, pageOf, type Answer, type MonitoringPaths } from '@/api/client';
import { pageSize, paging } from '@/lib/pages';
import { keys } from '@/lib/queryKeys';

type Statement = Answer<MonitoringPaths['/api/monitoring/statement']['get']>;

/** What a device consumed in a month, by price, with its base prices, meters and completeness. */
export type DeviceStatement = Statement['devices'][number];
export type EnergyLine = DeviceStatement['lines'][number];
export type BasePriceLine = DeviceStatement['base_prices'][number];
export type StatementMeter = NonNullable<DeviceStatement['meter_readings']>[number];

/** The statements of all devices of a month, `YYYY-MM`. */
export const useStatement = (month: string) =>
  useInfiniteQuery({
    queryKey: keys.statement.of(month),
    queryFn: ({ pageParam: after, signal }) => {
      const query = { month, limit: pageSize(after), ...(after && { after }) };
      // The other type of its answers is CSV.
      return pageOf(
        monitoring.GET('/api/monitoring/statement', { params: { query }, signal }),
        (body) => (body as Statement).devices,
      );
    },
    initialPageParam: paging.initialPageParam,
    getNextPageParam: paging.getNextPageParam,
  });

/** Address of the month as a CSV file, which has all devices. */
export const csvAddress = (month: string) => `/api/monitoring/statement?month=${month}&format=csv`;
