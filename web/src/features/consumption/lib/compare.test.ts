import { describe, expect, it } from 'vitest';
import { datesBetween, dayOf, daysOf, full, fullDay, heatPump, nothing } from '@/testing/data';
import { comparePeriods } from './compare';
import { readPeriod } from './periodModel';

const later = new Date('2027-01-01T00:00:00Z');
const day = (date: string, fill: Parameters<typeof dayOf>[2], now = later) => readPeriod(dayOf(heatPump, date, fill), 0, now);

describe('a fair comparison', () => {
  it('of an unfinished day stops at the last finished hour', () => {
    const now = new Date('2026-11-20T10:30:00+02:00');
    const today = day('2026-11-20', (hour) => (hour <= 10 ? full(2) : nothing), now);
    const { fair } = comparePeriods(
      today,
      day('2026-11-19', () => full(1)),
    );

    expect(fair).toMatchObject({ now: 20, then: 10, bars: 10, leftOut: 0 });
    expect(fair?.until?.name).toMatch(/^9:00\sAM–10:00\sAM$/);
  });

  it('leaves out what either period has not measured well', () => {
    const { fair } = comparePeriods(
      day('2026-11-20', (hour) => (hour === 3 ? { energy: 0.1, readings: 2 } : full(2))),
      day('2026-11-19', (hour) => (hour < 2 ? nothing : full(1))),
    );

    expect(fair).toMatchObject({ now: 42, then: 21, bars: 21, leftOut: 3, until: null });
  });

  it('is impossible without readings', () => {
    expect(
      comparePeriods(
        day('2026-11-20', () => full(2)),
        day('2026-11-19', () => nothing),
      ).fair,
    ).toBeNull();
  });

  it('of an unfinished month leaves out today', () => {
    const now = new Date('2026-11-03T12:00:00+02:00');
    const november = readPeriod(
      daysOf(heatPump, datesBetween('2026-11-01', '2026-11-30'), (date) => (date <= '2026-11-03' ? fullDay(10) : nothing)),
      0,
      now,
    );
    const october = readPeriod(
      daysOf(heatPump, datesBetween('2026-10-01', '2026-10-31'), () => fullDay(5)),
      0,
      now,
    );

    expect(comparePeriods(november, october).fair).toMatchObject({ now: 20, then: 10, bars: 2 });
  });
});

it('leaves out nothing that the other period never had', () => {
  const march = readPeriod(
    daysOf(heatPump, datesBetween('2026-03-01', '2026-03-31'), () => fullDay(1)),
    0,
    later,
  );
  const february = readPeriod(
    daysOf(heatPump, datesBetween('2026-02-01', '2026-02-28'), () => fullDay(2)),
    0,
    later,
  );

  expect(comparePeriods(march, february).fair).toMatchObject({ now: 28, then: 56, bars: 28, leftOut: 0 });
});

describe('hours meet by the clock', () => {
  it('on a day of 23 hours', () => {
    const spring = day('2026-03-29', () => full(1));
    const before = day('2026-03-28', (hour) => full(hour));

    expect(comparePeriods(spring, before).energies.slice(0, 6)).toEqual([0, 1, 2, 4, 5, 6]);
    expect(comparePeriods(before, spring).energies[3]).toBeNull();
  });

  it('on a day of 25 hours, whose second three o’clock has no other', () => {
    const autumn = day('2026-10-25', () => full(1));
    const before = day('2026-10-24', (hour) => full(hour));

    expect(comparePeriods(autumn, before).energies.slice(0, 6)).toEqual([0, 1, 2, 3, null, 4]);
  });
});
