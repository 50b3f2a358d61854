import { describe, expect, it } from 'vitest';
import { dayOf, full, heatPump, nothing, office } from '@/testing/data';
import { readDay } from './dayModel';

const later = new Date('2027-01-01T00:00:00Z');
const ordinary = '2026-11-20';

describe('the hours of a day', () => {
  it('are 24 with their own clock’s labels', () => {
    const { hours, clockChange } = readDay(
      dayOf(heatPump, ordinary, () => full(1)),
      2,
      later,
    );

    expect(hours).toHaveLength(24);
    expect(clockChange).toBeNull();
    expect(hours[0]?.start).toBe('2026-11-20T00:00:00+02:00');
    expect(hours[23]?.clockHour).toBe(23);
  });

  it('are 23 when clocks go forward, and the hour that never was is left out', () => {
    const { hours, clockChange } = readDay(
      dayOf(heatPump, '2026-03-29', () => full(1)),
      2,
      later,
    );

    expect(clockChange).toBe('forward');
    expect(hours.map(({ clockHour }) => clockHour).slice(0, 6)).toEqual([0, 1, 2, 4, 5, 6]);
    expect(hours[2]?.span).toMatch(/^2:00\sAM–3:00\sAM$/);
  });

  it('are 25 when clocks go back, and the hour that comes twice is told apart', () => {
    const { hours, clockChange } = readDay(
      dayOf(heatPump, '2026-10-25', () => full(1)),
      2,
      later,
    );

    expect(clockChange).toBe('back');
    expect(hours).toHaveLength(25);
    expect(hours[3]?.span).toMatch(/^3:00\sAM–4:00\sAM UTC\+3$/);
    expect(hours[4]?.span).toMatch(/^3:00\sAM–4:00\sAM UTC\+2$/);
    expect(hours[5]?.span).not.toContain('UTC');
    expect(new Set(hours.map(({ start }) => start)).size).toBe(25);
  });

  it('start on the hour of a half-hour zone', () => {
    const { hours } = readDay(
      dayOf(office, ordinary, () => full(1)),
      0,
      later,
    );

    expect(hours).toHaveLength(24);
    expect(hours[0]).toMatchObject({ start: '2026-11-20T00:00:00+05:30', clockHour: 0 });
    expect(Date.parse(hours[0]?.start ?? '')).toBe(Date.parse('2026-11-19T18:30:00Z'));
  });
});

describe('what is known of an hour', () => {
  const sent = [full(1), nothing, { energy: 0.5, readings: 3 }, full(0)];
  const day = dayOf(heatPump, ordinary, (index) => sent[index] ?? nothing);

  it('tells missing from zero', () => {
    const { hours } = readDay(day, 2, later);

    expect(hours[1]).toMatchObject({ state: 'missing', energy: null });
    expect(hours[3]).toMatchObject({ state: 'complete', energy: 0 });
  });

  it('is incomplete when some of its readings came', () => {
    expect(readDay(day, 2, later).hours[2]).toMatchObject({ state: 'incomplete', energy: 0.5 });
  });

  it('is running or ahead as long as it can’t be complete', () => {
    const { hours } = readDay(day, 2, new Date('2026-11-20T02:30:00+02:00'));

    expect(hours.slice(0, 4).map(({ state }) => state)).toEqual(['complete', 'missing', 'running', 'complete']);
    expect(hours[4]?.state).toBe('ahead');
  });
});

describe('the figures of a day', () => {
  const sent = [full(1), full(3), nothing, { energy: 0.5, readings: 3 }];
  const day = dayOf(heatPump, ordinary, (index) => sent[index] ?? nothing);
  const now = new Date('2026-11-20T04:20:00+02:00');

  it('take the total from the service and the peak from the hours', () => {
    const model = readDay(day, 2, now);

    expect(model.total).toBe(4.5);
    expect(model.peak?.clockHour).toBe(1);
  });

  it('cover and average only what is over', () => {
    const model = readDay(day, 2, now);

    expect(model.coverage).toBe(15 / 24);
    expect(model.average).toBe(1.5);
  });

  it('count the hours over the limit, and none where there is no limit', () => {
    expect(readDay(day, 2, now)).toMatchObject({ limit: 2, hoursOver: 1 });
    expect(readDay(day, 0, now)).toMatchObject({ limit: null, hoursOver: 0 });
    expect(readDay(day, 3, now).hoursOver).toBe(0);
  });

  it('are unknown, not zero, when nothing came', () => {
    const model = readDay(
      dayOf(heatPump, ordinary, () => nothing),
      2,
      later,
    );

    expect(model).toMatchObject({ hasReadings: false, peak: null, average: null, coverage: 0 });
  });

  it('expect nothing of a day that has just begun', () => {
    expect(readDay(day, 2, new Date('2026-11-20T00:05:00+02:00')).average).toBe(3.5 / 2);
    expect(
      readDay(
        dayOf(heatPump, ordinary, () => nothing),
        2,
        new Date('2026-11-20T00:05:00+02:00'),
      ).coverage,
    ).toBeNull();
  });
});

describe('the zone', () => {
  it('is named when the viewer’s clock differs', () => {
    expect(
      readDay(
        dayOf(office, ordinary, () => full(1)),
        0,
        later,
      ).foreignZone,
    ).toEqual({ name: 'Asia/Kolkata', offset: 'UTC+5:30' });
  });

  it('is named with both offsets on the day of a clock change', () => {
    expect(
      readDay(
        dayOf(heatPump, '2026-10-25', () => full(1)),
        0,
        later,
      ).foreignZone?.offset,
    ).toBe('UTC+3, then UTC+2');
  });

  it('is not named when both clocks agree, whatever the zones are called', () => {
    const toronto = { ...heatPump, time_zone: 'America/Toronto' };

    expect(
      readDay(
        dayOf(toronto, ordinary, () => full(1)),
        0,
        later,
      ).foreignZone,
    ).toBeNull();
  });
});
