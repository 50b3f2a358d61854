import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, monitoring, type Answer, type MonitoringPaths } from '@/api/client';
import { refetchEvery } from '@/lib/queryClient';
import { invalidate, keys } from '@/lib/queryKeys';

/** What a device will consume in the running month of its site. */
export type Forecast = Answer<MonitoringPaths['/api/monitoring/forecast']['get']>;

export type Budget = NonNullable<Forecast['budget']>;

/** A forecast is made of weeks, so some minutes change little. */
const renewedEvery = 300_000;

export const useForecast = (deviceId: string) =>
  useQuery({
    queryKey: keys.forecast.of(deviceId),
    queryFn: ({ signal }) =>
      answer(monitoring.GET('/api/monitoring/forecast', { params: { query: { device_id: deviceId } }, signal })),
    staleTime: renewedEvery,
    refetchInterval: refetchEvery(renewedEvery),
  });

/** The devices for which the caller has set a budget. */
export const useBudgets = () =>
  useQuery({
    queryKey: keys.budgets.all,
    queryFn: ({ signal }) => answer(monitoring.GET('/api/monitoring/budgets', { params: { query: { limit: 1000 } }, signal })),
    staleTime: renewedEvery,
    select: (budgets) => new Set(budgets.map(({ device_id }) => device_id)),
  });

/** Sets the budget of a device's months in kWh or in money; nothing removes it. */
export function useSetBudget(deviceId: string) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: async (budget: { kwh: number } | { cost: number } | null) => {
      const params = { path: { device_id: deviceId } };
      if (budget) await answer(monitoring.PUT('/api/monitoring/budgets/{device_id}', { params, body: budget }));
      else await answer(monitoring.DELETE('/api/monitoring/budgets/{device_id}', { params }));
    },
    onSuccess: () => invalidate(client, keys.budgets, keys.forecast),
  });
}
