import { describe, expect, it } from 'vitest';
import { datesBetween, dayOf, daysOf, full, fullDay, heatPump, hoursOf, nothing, office, rangeOf } from '@/testing/data';
import { readPeriod } from './periodModel';
import { barRemark } from './periodOption';

const later = new Date('2027-01-01T00:00:00Z');
const ordinary = '2026-11-20';

describe('the hours of a day', () => {
  it('are 24 with their own clock’s labels', () => {
    const { bars, clockChange } = readPeriod(
      dayOf(heatPump, ordinary, () => full(1)),
      2,
      later,
    );

    expect(bars).toHaveLength(24);
    expect(clockChange).toBeNull();
    expect(bars[0]?.key).toBe('2026-11-20T00:00:00+02:00');
    expect(bars[23]?.slot).toBe('1380');
  });

  it('are 23 when clocks go forward, and the hour that never was is left out', () => {
    const { bars, clockChange } = readPeriod(
      dayOf(heatPump, '2026-03-29', () => full(1)),
      2,
      later,
    );

    expect(clockChange).toBe('forward');
    expect(bars.map(({ slot }) => Number(slot) / 60).slice(0, 6)).toEqual([0, 1, 2, 4, 5, 6]);
    expect(bars[2]?.name).toMatch(/^2:00\sAM–3:00\sAM$/);
  });

  it('are 25 when clocks go back, and the hour that comes twice is told apart', () => {
    const { bars, clockChange } = readPeriod(
      dayOf(heatPump, '2026-10-25', () => full(1)),
      2,
      later,
    );

    expect(clockChange).toBe('back');
    expect(bars).toHaveLength(25);
    expect(bars[3]?.name).toMatch(/^3:00\sAM–4:00\sAM UTC\+3$/);
    expect(bars[4]?.name).toMatch(/^3:00\sAM–4:00\sAM UTC\+2$/);
    expect(bars[5]?.name).not.toContain('UTC');
    expect(new Set(bars.map(({ key }) => key)).size).toBe(25);
  });

  it('start on the hour of a half-hour zone', () => {
    const { bars } = readPeriod(
      dayOf(office, ordinary, () => full(1)),
      0,
      later,
    );

    expect(bars).toHaveLength(24);
    expect(bars[0]).toMatchObject({ key: '2026-11-20T00:00:00+05:30', slot: '0' });
    expect(Date.parse(bars[0]?.key ?? '')).toBe(Date.parse('2026-11-19T18:30:00Z'));
  });
});

describe('what is known of an hour', () => {
  const sent = [full(1), nothing, { energy: 0.5, readings: 3 }, full(0)];
  const day = dayOf(heatPump, ordinary, (index) => sent[index] ?? nothing);

  it('tells missing from zero', () => {
    const { bars } = readPeriod(day, 2, later);

    expect(bars[1]).toMatchObject({ state: 'missing', energy: null });
    expect(bars[3]).toMatchObject({ state: 'complete', energy: 0 });
  });

  it('is as good as whole with one of very many readings missing', () => {
    const month = daysOf(heatPump, ['2026-11-18', '2026-11-19'], (date) => ({
      energy: 24,
      readings: date === '2026-11-18' ? 143 : 142,
    }));
    expect(readPeriod(month, 2, later).bars.map(({ state }) => state)).toEqual(['complete', 'incomplete']);
  });

  it('is incomplete when some of its readings came', () => {
    expect(readPeriod(day, 2, later).bars[2]).toMatchObject({ state: 'incomplete', energy: 0.5 });
  });

  it('is running or ahead as long as it can’t be complete', () => {
    const { bars } = readPeriod(day, 2, new Date('2026-11-20T02:30:00+02:00'));

    expect(bars.slice(0, 4).map(({ state }) => state)).toEqual(['complete', 'missing', 'running', 'complete']);
    expect(bars[4]?.state).toBe('ahead');
  });
});

describe('hours of a device that changed', () => {
  const day = dayOf(heatPump, ordinary, () => full(2));
  const changed = { ...day, data: day.data.map((hour, index) => ({ ...hour, max_consumption: index < 12 ? 1 : 5 })) };

  it('are judged by the limits that were valid, and one limit is told only where there is one', () => {
    const period = readPeriod(changed, 3, later);

    expect(period.bars.map(({ over }) => over)).toEqual([...Array<boolean>(12).fill(true), ...Array<boolean>(12).fill(false)]);
    expect(period).toMatchObject({ hoursOver: 12, limit: null });
    const same = { ...day, data: day.data.map((hour) => ({ ...hour, max_consumption: 1 })) };
    expect(readPeriod(same, 3, later)).toMatchObject({ hoursOver: 24, limit: 1 });
  });

  it('are not missing where none was expected', () => {
    const before = {
      ...day,
      data: day.data.map((hour) => ({
        ...hour,
        measurement_count: 0,
        expected_count: 0,
        is_measured: false,
        is_expected: false,
      })),
    };
    const period = readPeriod(before, 3, later);

    expect(period.bars[0]?.state).toBe('unexpected');
    expect(period.bars[0] && barRemark(period.bars[0])).toBe('No reading expected');
    expect(period.coverage).toBeNull();
  });

  it('are complete where a reading of an earlier hour covers them, although none was to start there', () => {
    const everyTwo = (hour: (typeof day.data)[number], index: number) => ({
      ...hour,
      measurement_count: (index + 1) % 2,
      expected_count: (index + 1) % 2,
    });
    const period = readPeriod({ ...day, data: day.data.map(everyTwo) }, 3, later);

    expect(period.bars.map(({ state, energy }) => [state, energy])).toEqual(Array(24).fill(['complete', 2]));
    expect(period).toMatchObject({ coverage: 1, hasReadings: true, average: 2 });
  });
});

describe('the figures of a day', () => {
  const sent = [full(1), full(3), nothing, { energy: 0.5, readings: 3 }];
  const day = dayOf(heatPump, ordinary, (index) => sent[index] ?? nothing);
  const now = new Date('2026-11-20T04:20:00+02:00');

  it('take the total from the service and the peak from the hours', () => {
    const model = readPeriod(day, 2, now);

    expect(model.total).toBe(4.5);
    expect(model.peak?.slot).toBe('60');
  });

  it('cover and average only what is over', () => {
    const model = readPeriod(day, 2, now);

    expect(model.coverage).toBe(15 / 24);
    expect(model.average).toBe(1.5);
  });

  it('count the hours over the limit, and none where there is no limit', () => {
    expect(readPeriod(day, 2, now)).toMatchObject({ limit: 2, hoursOver: 1 });
    expect(readPeriod(day, 0, now)).toMatchObject({ limit: null, hoursOver: 0 });
    expect(readPeriod(day, 3, now).hoursOver).toBe(0);
  });

  it('are unknown, not zero, when nothing came', () => {
    const model = readPeriod(
      dayOf(heatPump, ordinary, () => nothing),
      2,
      later,
    );

    expect(model).toMatchObject({ hasReadings: false, peak: null, average: null, coverage: 0 });
  });

  it('expect nothing of a day that has just begun', () => {
    expect(readPeriod(day, 2, new Date('2026-11-20T00:05:00+02:00')).average).toBe(3.5 / 2);
    expect(
      readPeriod(
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
      readPeriod(
        dayOf(office, ordinary, () => full(1)),
        0,
        later,
      ).foreignZone,
    ).toEqual({ name: 'Asia/Kolkata', offset: 'UTC+5:30' });
  });

  it('is named with both offsets on the day of a clock change', () => {
    expect(
      readPeriod(
        dayOf(heatPump, '2026-10-25', () => full(1)),
        0,
        later,
      ).foreignZone?.offset,
    ).toBe('UTC+3, then UTC+2');
  });

  it('is not named when both clocks agree, whatever the zones are called', () => {
    const toronto = { ...heatPump, time_zone: 'America/Toronto' };

    expect(
      readPeriod(
        dayOf(toronto, ordinary, () => full(1)),
        0,
        later,
      ).foreignZone,
    ).toBeNull();
  });
});

describe('days and months', () => {
  const november = datesBetween('2026-11-01', '2026-11-30');
  const now = new Date('2026-11-26T14:00:00+02:00');
  const month = daysOf(heatPump, november, (date) => (date > '2026-11-26' || date === '2026-11-03' ? nothing : fullDay(24)));

  it('have their states by the device’s today', () => {
    const { bars } = readPeriod(month, 2, now);

    expect(bars[2]).toMatchObject({ state: 'missing', energy: null });
    expect([bars[24], bars[25], bars[26]].map((bar) => bar?.state)).toEqual(['complete', 'running', 'ahead']);
    expect(readPeriod(month, 2, new Date('2026-11-26T23:30:00Z')).bars[26]?.state).toBe('running');
  });

  it('have no limit, which is one of hours', () => {
    expect(readPeriod(month, 2, now)).toMatchObject({ limit: null, hoursOver: 0, clockChange: null });
  });

  it('name a month by the part of it that belongs to the period', () => {
    const entry = {
      total_consumption: 1,
      measurement_count: 6,
      expected_count: 6,
      is_measured: true,
      is_expected: true,
      cost: 0.5,
    };
    const { bars } = readPeriod(
      rangeOf(heatPump, '2025-11-27', '2026-01-15', 'month', [
        { month: '2025-11', ...entry },
        { month: '2025-12', ...entry },
        { month: '2026-01', ...entry },
      ]),
      0,
      later,
    );

    expect(bars.map(({ name }) => name.replace(/\u2009/g, ' '))).toEqual([
      'Nov 27 – 30, 2025',
      'December 2025',
      'Jan 1 – 15, 2026',
    ]);
  });

  it('forgive the newest reading for being on its way', () => {
    const sent = (readings: number) =>
      rangeOf(heatPump, '2026-11-26', '2026-11-26', 'day', [
        {
          date: '2026-11-26',
          total_consumption: 1,
          measurement_count: readings,
          expected_count: 84,
          is_measured: true,
          is_expected: true,
          cost: null,
        },
      ]);

    expect(readPeriod(sent(83), 0, now).coverage).toBe(1);
    expect(readPeriod(sent(82), 0, now).coverage).toBe(82 / 84);
  });
});

it('tells hours of different days apart without an offset', () => {
  const range = hoursOf(heatPump, ['2026-11-19', '2026-11-20'], () => full(1));

  expect(readPeriod(range, 0, later).bars[3]?.name).not.toContain('UTC');
});
