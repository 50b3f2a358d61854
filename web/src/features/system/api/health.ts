import { useQueries, useQuery } from '@tanstack/react-query';
import { answer, devices, gateway, identity, monitoring, users } from '@/api/client';
import { keys } from '@/lib/queryKeys';

/** A cheap question to each service; its answer comes from that service's own database. */
const probes = [
  {
    name: 'Identity',
    what: 'accounts and sign-in',
    ask: (signal: AbortSignal) => answer(identity.GET('/api/auth/sagas', { params: { query: { limit: 1 } }, signal })),
  },
  {
    name: 'Users',
    what: 'profiles',
    ask: (signal: AbortSignal) => answer(users.GET('/api/users', { params: { query: { limit: 1 } }, signal })),
  },
  {
    name: 'Devices',
    what: 'devices and assignments',
    ask: (signal: AbortSignal) => answer(devices.GET('/api/devices', { params: { query: { limit: 1 } }, signal })),
  },
  {
    name: 'Monitoring',
    what: 'readings and consumption',
    ask: (signal: AbortSignal) => answer(monitoring.GET('/api/monitoring/ledger', { signal })),
  },
];

/** What the services say that they wait for, such as the message broker, by their names in small letters. */
const useReasons = () =>
  useQuery({
    queryKey: keys.health.of('reasons'),
    queryFn: ({ signal }) => answer(gateway.GET('/session/health', { signal })),
    retry: false,
    refetchInterval: 10_000,
    select: (services) =>
      new Map(services.filter(({ state }) => state === 'waiting').map(({ name, reasons }) => [name, reasons])),
  });

/** How each service answers right now, in how many milliseconds, and what it waits for. */
export function useHealth() {
  const reasons = useReasons();
  const services = useAnswers().map((service) => ({ ...service, waitsFor: reasons.data?.get(service.name.toLowerCase()) }));

  return { services, reasons };
}

const useAnswers = () =>
  useQueries({
    queries: probes.map(({ name, ask }) => ({
      queryKey: keys.health.of(name),
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const started = performance.now();
        await ask(signal);
        return performance.now() - started;
      },
      retry: false,
      refetchInterval: 10_000,
    })),
    combine: (results) =>
      probes.map(({ name, what }, index) => ({ name, what, took: results[index]?.data, away: results[index]?.isError ?? false })),
  });

/** Where logs, traces and metrics are shown; null when there is no such place here. */
export const useDashboardAddress = () =>
  useQuery({
    queryKey: keys.links.all,
    queryFn: ({ signal }) => answer(gateway.GET('/session/links', { signal })),
    staleTime: Infinity,
  }).data?.dashboard;
