import { describe, expect, it } from 'vitest';
import { beginningAt, ended, since } from './periods';

const [march, june, july, september] = [
  '2026-03-01T12:00:00Z',
  '2026-06-01T12:00:00Z',
  '2026-07-01T12:00:00Z',
  '2026-09-01T12:00:00Z',
] as const;
const earlier = { from: march, until: june };

describe('another beginning', () => {
  it('moves the current period and keeps those before it', () =>
    expect(beginningAt([earlier, { from: september, until: null }], july)).toEqual([earlier, { from: july, until: null }]));

  it('joins an earlier period that it meets', () => {
    expect(beginningAt([earlier, { from: september, until: null }], june)).toEqual([{ from: march, until: null }]);
    expect(beginningAt([earlier, { from: september, until: null }], '2026-02-01T12:00:00Z')).toEqual([
      { from: '2026-02-01T12:00:00Z', until: null },
    ]);
    expect(
      beginningAt(
        [
          { from: null, until: june },
          { from: september, until: null },
        ],
        march,
      ),
    ).toEqual([{ from: null, until: null }]);
  });

  it('from the beginning leaves one period', () =>
    expect(beginningAt([earlier, { from: september, until: null }], null)).toEqual([{ from: null, until: null }]));
});

it('says when something was somebody’s', () => {
  const time_zone = 'Pacific/Auckland';
  expect(since({ periods: [earlier, { from: september, until: null }], time_zone })).toBe('since Sep 2, 2026');
  expect(since({ periods: [{ from: null, until: null }], time_zone })).toBe('from the beginning');
  expect(
    ended({
      periods: [
        { from: null, until: march },
        { from: june, until: july },
      ],
      time_zone,
    }),
  ).toBe('until Mar 2, 2026, Jun 2, 2026 – Jul 2, 2026');
});
