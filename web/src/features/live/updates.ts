import type { QueryClient } from '@tanstack/react-query';
import type { Answer, MonitoringPaths } from '@/api/client';
import { sumEnergy, sumMoney } from '@/lib/energy';
import { allReadings, daysOfReadings, keys } from '@/lib/queryKeys';

/** What the hub tells of a device: its newest reading, and the hour that it belongs to. */
export interface LiveDevice {
  device_id: string;
  /** RFC 3339 start of the reading's interval. */
  timestamp: string;
  /** kWh in the interval. */
  measurement_value: number;
  hour: {
    start: string;
    /** kWh */
    total_consumption: number;
    measurement_count: number;
    expected_count: number;
    /** At the hour's price; null where none is known. */
    cost: number | null;
  };
}

/** A reading as a list of a device's holds it. */
interface Reading {
  timestamp: string;
  energy: number;
}

/** A device's newest reading. */
export type Latest = Pick<LiveDevice, 'device_id' | 'timestamp' | 'measurement_value'>;

export const latestKey = (deviceId: string) => ['latest', deviceId];

type Ranges = Answer<MonitoringPaths['/api/monitoring/hourly/range']['get']>;
type Range = Exclude<Ranges, unknown[]>;

/** Sums of more than an hour are asked for anew, but not more often than this. */
const askEvery = 2_000;

/** All readings of a stretch of days are much more than a sum. */
const rarely = 15_000;

/** Puts news into what has been loaded: open charts and tiles move. Returns how to stop what it has still to do. */
export function liveUpdates(client: QueryClient) {
  const waiting = new Map<string, ReturnType<typeof setTimeout>>();

  function askSoon(queryHash: string, after = askEvery) {
    if (waiting.has(queryHash)) return;

    const ask = () => {
      waiting.delete(queryHash);
      void client.invalidateQueries({ predicate: (query) => query.queryHash === queryHash });
    };
    waiting.set(queryHash, setTimeout(ask, after));
  }

  return {
    apply(updates: readonly LiveDevice[]) {
      for (const update of updates) {
        client.setQueryData<Latest>(latestKey(update.device_id), (known) =>
          known && Date.parse(known.timestamp) > Date.parse(update.timestamp) ? known : update,
        );
      }

      for (const update of updates) {
        for (const query of client.getQueryCache().findAll({ queryKey: allReadings(update.device_id) })) {
          const { first, last } = daysOfReadings(query.queryKey);
          const known = query.state.data as Reading[] | undefined;
          const day = update.timestamp.slice(0, 10);
          if (!known || day < first || day > last) continue;

          const [moment, newest] = [Date.parse(update.timestamp), Date.parse(known.at(-1)?.timestamp ?? '')];
          if (newest === moment) continue;
          if (!(newest > moment))
            client.setQueryData(query.queryKey, [...known, { timestamp: update.timestamp, energy: update.measurement_value }]);

          // The hub tells of the newest only: what came late or was leapt over is asked for.
          const before = Date.parse(known.at(-2)?.timestamp ?? '');
          if (!(moment > newest && moment - newest <= 1.5 * (newest - before))) askSoon(query.queryHash, rarely);
        }
      }

      for (const query of client.getQueryCache().findAll({ queryKey: keys.consumption.all })) {
        const data = query.state.data as Ranges | undefined;
        if (!data) continue;

        const next = Array.isArray(data) ? data.map((range) => patched(range, updates)) : patched(data, updates);
        const changed =
          Array.isArray(data) && Array.isArray(next) ? data.some((range, index) => range !== next[index]) : data !== next;

        if (changed) client.setQueryData(query.queryKey, next);
        else if ([data].flat().some((range) => sumsUp(range, updates))) askSoon(query.queryHash);
      }
    },
    stop: () => waiting.forEach((timer) => clearTimeout(timer)),
  };
}

/** A range by hour with the hours that are told of; the same object when none is its. */
export function patched(range: Range, updates: readonly LiveDevice[]): Range {
  if (range.granularity !== 'hour') return range;

  let next = range;
  for (const { device_id, hour } of updates) {
    const index = device_id === range.device_id ? next.data.findIndex(({ start }) => sameMoment(start, hour.start)) : -1;
    const known = next.data[index];

    const { total_consumption, measurement_count, expected_count, cost } = hour;

    // News may overtake each other: an hour only ever gains readings.
    if (!known || known.measurement_count > measurement_count) continue;
    if (known.measurement_count === measurement_count && known.total_consumption === total_consumption) continue;

    next = {
      ...next,
      data: next.data.with(index, { ...known, total_consumption, measurement_count, expected_count, is_measured: true, cost }),
      total_consumption: sumEnergy([next.total_consumption, total_consumption, -known.total_consumption]),
      total_cost: next.total_cost === null && cost === null ? null : sumMoney([next.total_cost, cost, -(known.cost ?? 0)]),
      unpriced_consumption: sumEnergy([
        next.unpriced_consumption,
        cost === null ? total_consumption : 0,
        known.cost === null ? -known.total_consumption : 0,
      ]),
      measurement_count: next.measurement_count + measurement_count - known.measurement_count,
      expected_count: next.expected_count + expected_count - known.expected_count,
    };
  }

  return next;
}

/** Whether a range by day or month contains what is told of. Its ends are taken widely: zones are at most 14 hours from UTC. */
const sumsUp = ({ device_id, granularity, start_date, end_date }: Range, updates: readonly LiveDevice[]) =>
  granularity !== 'hour' &&
  updates.some(
    ({ device_id: id, hour }) =>
      id === device_id &&
      Date.parse(hour.start) >= Date.parse(`${start_date}T00:00:00Z`) - widest &&
      Date.parse(hour.start) <= Date.parse(`${end_date}T24:00:00Z`) + widest,
  );

const widest = 14 * 3_600_000;

const sameMoment = (start: string | null | undefined, other: string) => Date.parse(start ?? '') === Date.parse(other);
