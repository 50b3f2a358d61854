import type { Balance } from '../api/balance';
import type { Device } from '@/features/devices/api/devices';

/** The service adds up so many devices. */
const most = 100;

/**
 * The devices of a balance: with two-way meters those, their feed-ins and the generators, because what else consumes is behind them;
 * without, all of the zone. Empty without production, and when they are too many. Of several zones it is the one with the most producers.
 */
export function balancedDevices(devices: readonly Device[]): readonly Device[] {
  const producers = (some: readonly Device[]) => some.filter(({ direction }) => direction === 'production');
  const zones = [...new Set(producers(devices).map(({ time_zone: zone }) => zone))];
  const [site = []] = zones
    .map((zone) => devices.filter((device) => device.time_zone === zone))
    .toSorted((a, b) => producers(b).length - producers(a).length);
  const given = producers(site);
  const twoWay = new Set(given.flatMap(({ feed_in_of: of }) => of ?? []));
  const chosen = site.filter(({ id, direction }) => direction === 'production' || twoWay.size === 0 || twoWay.has(id));

  return given.length === 0 || chosen.length > most
    ? []
    : chosen.toSorted((a, b) => Number(given.includes(b)) - Number(given.includes(a)));
}

type Sums = Balance['total'];

/** What a site used of its own production, what it took, and what it gave, in kWh. */
export function partsOf({ usage, production, feed_in: fedIn, self_consumption: self }: Sums) {
  const own = self ?? 0;
  return {
    own: usage === null ? 0 : own,
    taken: usage === null ? 0 : usage - own,
    given: fedIn ?? Math.max(0, (production ?? 0) - (usage === null ? 0 : own)),
  };
}
