import { describe, expect, it } from 'vitest';
import { momentName, tickName, ticksBetween } from './timeAxis';

const names = (from: string, to: string, zone: string, most: number) =>
  ticksBetween(Date.parse(from), Date.parse(to), zone, most).map((tick) => new Date(tick).toISOString().slice(5, 16));

describe('ticks', () => {
  it('stand at round times of the zone’s clock, in half-hour zones too', () => {
    expect(names('2026-11-20T00:00:00+05:30', '2026-11-21T00:00:00+05:30', 'Asia/Kolkata', 8)).toEqual([
      '11-19T18:30',
      '11-19T21:30',
      '11-20T00:30',
      '11-20T03:30',
      '11-20T06:30',
      '11-20T09:30',
      '11-20T12:30',
      '11-20T15:30',
      '11-20T18:30',
    ]);
  });

  it('keep to the clock over a clock change', () => {
    expect(names('2026-10-25T00:00:00+03:00', '2026-10-26T00:00:00+02:00', 'Europe/Bucharest', 5)).toEqual([
      '10-24T21:00',
      '10-25T04:00',
      '10-25T10:00',
      '10-25T16:00',
      '10-25T22:00',
    ]);
  });

  it('are midnights where days are many', () => {
    expect(names('2026-03-27T00:00:00+02:00', '2026-03-31T00:00:00+03:00', 'Europe/Bucharest', 5)).toEqual([
      '03-26T22:00',
      '03-27T22:00',
      '03-28T22:00',
      '03-29T21:00',
      '03-30T21:00',
    ]);
  });
});

it('names midnights by their date and other ticks by their time', () => {
  expect(tickName(Date.parse('2026-11-20T00:00:00+05:30'), 'Asia/Kolkata')).toBe('Nov 20');
  expect(tickName(Date.parse('2026-11-20T15:00:00+05:30'), 'Asia/Kolkata')).toMatch(/^3\sPM$/);
  expect(momentName(Date.parse('2026-11-20T15:00:00+05:30'), 'Asia/Kolkata', true)).toMatch(/^Fri, Nov 20, 3:00\sPM UTC\+5:30$/);
});
