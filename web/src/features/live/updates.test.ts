import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { consumptionKey, readingsKey } from '@/lib/queryKeys';
import { dayOf, daysOf, full, fullDay, heatPump, nothing, office } from '@/testing/data';
import { latestKey, liveUpdates, patched, type LiveDevice } from './updates';

const day = dayOf(heatPump, '2026-11-20', (hour) => (hour <= 10 ? full(1) : nothing));

const told = (more: Partial<LiveDevice['hour']> = {}, deviceId = heatPump.id): LiveDevice => ({
  device_id: deviceId,
  timestamp: '2026-11-20T11:10:00+02:00',
  measurement_value: 0.4,
  // In another offset than the range's: the moment counts.
  hour: { start: '2026-11-20T09:00:00Z', total_consumption: 0.7, measurement_count: 2, expected_count: 2, cost: 0.35, ...more },
});

describe('a range by hour', () => {
  it('takes the hour that is told of, and its totals follow', () => {
    const next = patched(day, [told()]);

    expect(next.data[11]).toMatchObject({ hour: 11, total_consumption: 0.7, measurement_count: 2, expected_count: 2 });
    expect(next.total_consumption).toBeCloseTo(11.7);
    expect(next.total_cost).toBe(5.85);
    expect(next.data[11]).toMatchObject({ cost: 0.35 });
    expect(next.measurement_count).toBe(68);
    expect(next.data[10]).toBe(day.data[10]);
  });

  it('adds an hour without a price to what has none', () => {
    const next = patched(day, [told({ cost: null })]);

    expect(next.total_cost).toBe(5.5);
    expect(next.unpriced_consumption).toBe(0.7);
    expect(patched(next, [told({ total_consumption: 0.9, measurement_count: 3, cost: null })]).unpriced_consumption).toBe(0.9);
  });

  it('takes a first reading of nothing: that is zero, not missing', () => {
    const next = patched(day, [told({ total_consumption: 0, measurement_count: 1 })]);

    expect(next.data[11]).toMatchObject({ total_consumption: 0, measurement_count: 1 });
  });

  it('is left alone by old news, other devices and other days', () => {
    const next = patched(day, [told()]);

    expect(patched(next, [told({ measurement_count: 1, total_consumption: 0.3 })])).toBe(next);
    expect(patched(day, [told({}, office.id)])).toBe(day);
    expect(patched(day, [told({ start: '2026-11-21T09:00:00Z' })])).toBe(day);
  });

  it('tells the two hours of three o’clock apart when clocks go back', () => {
    const autumn = dayOf(heatPump, '2026-10-25', () => nothing);
    const next = patched(autumn, [told({ start: '2026-10-25T01:00:00Z' })]);

    expect(next.data.map(({ measurement_count }) => measurement_count).slice(0, 6)).toEqual([0, 0, 0, 0, 2, 0]);
  });
});

describe('news', () => {
  const client = new QueryClient();

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => client.clear());

  it('go into what is loaded of one device or several, and into the newest reading', () => {
    client.setQueryData(consumptionKey('hour', '2026-11-20', '2026-11-20', heatPump.id), day);
    client.setQueryData(consumptionKey('hour', '2026-11-20', '2026-11-20', heatPump.id, office.id), [
      day,
      dayOf(office, '2026-11-20', () => full(1)),
    ]);

    liveUpdates(client).apply([told()]);

    const [one, several] = client.getQueriesData<{ total_consumption: number }[]>({ queryKey: ['consumption'] });
    expect(one?.[1]).toMatchObject({ total_consumption: 11.7 });
    expect(several?.[1]?.[0]?.total_consumption).toBeCloseTo(11.7);
    expect(several?.[1]?.[1]?.total_consumption).toBe(24);
    expect(client.getQueryData(latestKey(heatPump.id))).toMatchObject({ measurement_value: 0.4 });
  });

  it('go to the end of the readings of their day, once', () => {
    const key = readingsKey(heatPump.id, '2026-11-20', '2026-11-20');
    const [first, yesterday] = [
      { timestamp: '2026-11-20T11:00:00+02:00', energy: 0.3 },
      readingsKey(heatPump.id, '2026-11-19', '2026-11-19'),
    ];
    client.setQueryData(key, [first]);
    client.setQueryData(yesterday, []);

    for (let times = 0; times < 2; times++) liveUpdates(client).apply([told()]);

    expect(client.getQueryData(key)).toEqual([first, { timestamp: '2026-11-20T11:10:00+02:00', energy: 0.4 }]);
    expect(client.getQueryData(yesterday)).toEqual([]);
  });

  it('never replace a newer reading by an older one', () => {
    const updates = liveUpdates(client);
    updates.apply([told()]);
    updates.apply([{ ...told(), timestamp: '2026-11-20T11:00:00+02:00', measurement_value: 9 }]);

    expect(client.getQueryData(latestKey(heatPump.id))).toMatchObject({ measurement_value: 0.4 });
  });

  it('have sums of days asked for anew, once in a while', () => {
    const key = consumptionKey('day', '2026-11-19', '2026-11-20', heatPump.id);
    const asked = vi.spyOn(client, 'invalidateQueries');
    client.setQueryData(
      key,
      daysOf(heatPump, ['2026-11-19', '2026-11-20'], () => fullDay(24)),
    );
    const updates = liveUpdates(client);

    updates.apply([told()]);
    updates.apply([told({ measurement_count: 3 })]);
    vi.advanceTimersByTime(2_000);

    expect(asked).toHaveBeenCalledOnce();
    expect(client.getQueryState(key)?.isInvalidated).toBe(true);
  });
});
