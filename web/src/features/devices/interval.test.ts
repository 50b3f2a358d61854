import { expect, it } from 'vitest';
import { isOtherInterval, seenInterval } from './interval';

const every = (seconds: number, count: number) => Array.from({ length: count }, (_, index) => index * seconds * 1000);

it('is the distance between readings, in whatever order they come and with one missing', () => {
  expect(seenInterval(every(300, 7))).toBe(300);
  expect(seenInterval(every(300, 12).toReversed())).toBe(300);
  expect(seenInterval(every(300, 12).filter((_, index) => index !== 4))).toBe(300);
  expect(seenInterval(every(300, 12).map((time, index) => time + (index % 3) * 4000))).toBeGreaterThan(290);
});

it('is unknown for few readings, and for those that come at no regular distance', () => {
  expect(seenInterval([])).toBeNull();
  expect(seenInterval(every(300, 6))).toBeNull();
  expect(seenInterval([0, 1, 3, 7, 15, 31, 63, 127].map((minutes) => minutes * 60_000))).toBeNull();
  expect(seenInterval(Array<number>(9).fill(0))).toBeNull();
});

it('differs from the registered one by more than a fifth', () => {
  expect([300, 479, 721, 900].map((seen) => isOtherInterval(seen, 600))).toEqual([true, true, true, true]);
  expect([480, 600, 720].map((seen) => isOtherInterval(seen, 600))).toEqual([false, false, false]);
});
