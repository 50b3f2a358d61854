import { describe, expect, it } from 'vitest';
import {
  comparedPeriod,
  comparisonsOf,
  firstAmongSiblings,
  isCurrent,
  periodName,
  periodOf,
  periodTitle,
  stepPeriod,
} from './period';

const plain = (text: string) => text.replace(/[\u00a0\u2009\u202f]/g, ' ');
const extent = ({ first, last }: { first: string; last: string }) => [first, last];

describe('a period', () => {
  it('is a calendar’s or so many days up to one', () => {
    expect(extent(periodOf('day', '2026-11-26'))).toEqual(['2026-11-26', '2026-11-26']);
    expect(extent(periodOf('month', '2028-02-10'))).toEqual(['2028-02-01', '2028-02-29']);
    expect(extent(periodOf('year', '2026-11-26'))).toEqual(['2026-01-01', '2026-12-31']);
    expect(extent(periodOf('7d', '2026-11-26'))).toEqual(['2026-11-20', '2026-11-26']);
    expect(extent(periodOf('365d', '2026-11-26'))).toEqual(['2025-11-27', '2026-11-26']);
  });

  it('is drawn as finely as it is long', () => {
    expect(
      (['day', '7d', '30d', 'month', '365d', 'year'] as const).map((span) => periodOf(span, '2026-11-26').granularity),
    ).toEqual(['hour', 'day', 'day', 'day', 'month', 'month']);
  });

  it('steps without gap or overlap', () => {
    expect(extent(stepPeriod(periodOf('7d', '2026-11-26'), -1))).toEqual(['2026-11-13', '2026-11-19']);
    expect(extent(stepPeriod(periodOf('month', '2026-03-31'), -1))).toEqual(['2026-02-01', '2026-02-28']);
    expect(extent(stepPeriod(periodOf('year', '2028-02-29'), 1))).toEqual(['2029-01-01', '2029-12-31']);
    expect(extent(stepPeriod(periodOf('day', '2026-03-08'), 1))).toEqual(['2026-03-09', '2026-03-09']);
  });

  it('goes on as long as today is in it', () => {
    expect(isCurrent(periodOf('month', '2026-11-03'), '2026-11-26')).toBe(true);
    expect(isCurrent(periodOf('month', '2026-10-31'), '2026-11-01')).toBe(false);
  });

  it('has a first one among its siblings', () => {
    expect(firstAmongSiblings(periodOf('day', '2026-11-26'))?.day).toBe('2026-11-01');
    expect(firstAmongSiblings(periodOf('month', '2026-11-26'))?.first).toBe('2026-01-01');
    expect(firstAmongSiblings(periodOf('7d', '2026-11-26'))).toBeNull();
  });
});

describe('a comparison', () => {
  it('is with the period before, the same weekday, or the year before', () => {
    const day = periodOf('day', '2028-02-29');

    expect(comparedPeriod(day, 'previous').day).toBe('2028-02-28');
    expect(comparedPeriod(day, 'week').day).toBe('2028-02-22');
    expect(comparedPeriod(day, 'year').day).toBe('2027-02-28');
    expect(extent(comparedPeriod(periodOf('30d', '2026-11-26'), 'previous'))).toEqual(['2026-09-28', '2026-10-27']);
  });

  it('is offered where it means something', () => {
    expect(comparisonsOf(periodOf('day', '2026-11-26'))).toEqual(['previous', 'week', 'year']);
    expect(comparisonsOf(periodOf('month', '2026-11-26'))).toEqual(['previous', 'year']);
    expect(comparisonsOf(periodOf('year', '2026-11-26'))).toEqual(['previous']);
  });
});

it('has a name and a title', () => {
  const names = (['day', 'month', 'year', '7d'] as const).map((span) => plain(periodName(periodOf(span, '2026-11-26'), 'en-GB')));
  expect(names).toEqual([
    expect.stringMatching(/^Thu,? 26 Nov 2026$/),
    'November 2026',
    '2026',
    expect.stringMatching(/^20 ?– ?26 Nov 2026$/),
  ]);

  const titles = (['day', 'month', 'year', '30d'] as const).map((span) =>
    periodTitle(periodOf(span, '2026-11-26'), '2026-11-26'),
  );
  expect(titles).toEqual(['Today so far', 'This month so far', 'This year so far', 'Last 30 days']);
  expect(periodTitle(periodOf('day', '2026-11-25'), '2026-11-26')).toMatch(/^Yesterday, /);
});
