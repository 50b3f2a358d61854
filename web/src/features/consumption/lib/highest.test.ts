import { expect, it } from 'vitest';
import { full, heatPump, hoursOf, nothing } from '@/testing/data';
import { highestHours, hoursOverByDay } from './highest';

const later = new Date('2027-01-01T00:00:00Z');
const range = hoursOf(heatPump, ['2026-11-19', '2026-11-20', '2026-11-21'], (date, hour) => {
  if (date === '2026-11-21') return nothing;
  return full(hour === 18 ? 3 : hour === 7 && date === '2026-11-20' ? 2.5 : 1);
});

it('lists the highest hours, of equal ones the earlier first', () => {
  const highest = highestHours(range, 2, later, 'energy', 3);

  expect(highest.map(({ date, hour }) => [date, hour.energy, hour.over])).toEqual([
    ['2026-11-19', 3, true],
    ['2026-11-20', 3, true],
    ['2026-11-20', 2.5, true],
  ]);
  expect(highest[0]?.name).toMatch(/^Thu, Nov 19, 6:00\sPM–7:00\sPM$/);
});

it('lists the most expensive hours where consumption is told in money', () => {
  const [first] = highestHours(range, 2, later, 'money', 1);

  expect(first?.hour).toMatchObject({ energy: 1.5, over: true });
});

it('counts the hours over the limit by day, and none without a limit', () => {
  expect([...hoursOverByDay(range, 2)]).toEqual([
    ['2026-11-19', 1],
    ['2026-11-20', 2],
  ]);
  expect(hoursOverByDay(range, 0).size).toBe(0);
});
