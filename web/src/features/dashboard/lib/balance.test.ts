import { describe, expect, it } from 'vitest';
import { heatPump, office } from '@/testing/data';
import { balancedDevices, partsOf } from './balance';

const roof = { ...heatPump, id: 'roof', direction: 'production' };
const grid = { ...heatPump, id: 'grid' };
const feedIn = { ...heatPump, id: 'feed-in', direction: 'production', feed_in_of: grid.id };
const ids = (devices: readonly { id: string }[]) => devices.map(({ id }) => id);

describe('the devices of a balance', () => {
  it('are none without production', () => expect(balancedDevices([heatPump, grid, office])).toEqual([]));

  it('are all of the zone without a two-way meter, those that produce first', () =>
    expect(ids(balancedDevices([office, heatPump, grid, roof]))).toEqual([roof.id, heatPump.id, grid.id]));

  it('are the two-way meter with its feed-in and the generators, without what is behind the meter', () =>
    expect(ids(balancedDevices([heatPump, grid, roof, feedIn]))).toEqual([roof.id, feedIn.id, grid.id]));
});

const sums = {
  consumption: null,
  production: null,
  feed_in: null,
  self_consumption: null,
  usage: null,
  measured_hours: 1,
  incomplete_hours: 0,
  self_consumption_rate: null,
  self_sufficiency: null,
};

it.each([
  [
    'two-way meter and generator',
    { consumption: 4, production: 10, feed_in: 7, self_consumption: 3, usage: 7 },
    { own: 3, taken: 4, given: 7 },
  ],
  ['two-way meter alone', { consumption: 4, feed_in: 7, usage: 4 }, { own: 0, taken: 4, given: 7 }],
  ['generator and consumers', { consumption: 4, production: 10, self_consumption: 3, usage: 4 }, { own: 3, taken: 1, given: 7 }],
  ['generator alone', { production: 10, self_consumption: 0 }, { own: 0, taken: 0, given: 10 }],
])('tells what was used and given: %s', (_, known, parts) => expect(partsOf({ ...sums, ...known })).toEqual(parts));
