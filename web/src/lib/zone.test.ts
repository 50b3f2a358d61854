import { describe, expect, it } from 'vitest';
import { formatClock, formatDay, formatOffset, isDay, stepDay, todayIn, viewerOffset, wallClock } from './zone';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

it('runs in a zone of its own, so that nothing passes by luck', () => {
  expect(viewerOffset(new Date('2026-01-15T12:00:00Z'))).toBe(-300);
});

describe('todayIn', () => {
  it('is the day of the zone, not of the viewer', () => {
    const moment = new Date('2026-11-23T22:30:00Z');

    expect(todayIn('Europe/Bucharest', moment)).toBe('2026-11-24');
    expect(todayIn('America/New_York', moment)).toBe('2026-11-23');
  });

  it('turns at half past in a half-hour zone', () => {
    expect(todayIn('Asia/Kolkata', new Date('2026-11-23T18:29:59Z'))).toBe('2026-11-23');
    expect(todayIn('Asia/Kolkata', new Date('2026-11-23T18:30:00Z'))).toBe('2026-11-24');
  });
});

describe('stepDay', () => {
  it('crosses months, leap days and the viewer’s own clock changes', () => {
    expect(stepDay('2026-03-01', -1)).toBe('2026-02-28');
    expect(stepDay('2028-02-28', 1)).toBe('2028-02-29');
    expect(stepDay('2026-03-08', 1)).toBe('2026-03-09');
    expect(stepDay('2026-11-01', 1)).toBe('2026-11-02');
  });
});

it('knows a day from other text', () => {
  expect(['2026-02-28', '2026-02-30', '2026-2-3', 'today', '', null].map(isDay)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

it('writes a day the same wherever the viewer is', () => {
  expect(formatDay('2026-11-23', { dateStyle: 'full' }, 'en-GB')).toMatch(/^Monday,? 23 November 2026$/);
});

describe('wallClock', () => {
  it('reads the device’s own clock from a time with offset', () => {
    expect(wallClock('2026-03-29T04:00:00+03:00')).toEqual({ day: '2026-03-29', hour: 4, minute: 0, offset: 180 });
    expect(wallClock('2026-11-23T00:30:00.000-03:30')).toEqual({ day: '2026-11-23', hour: 0, minute: 30, offset: -210 });
    expect(wallClock('2026-11-23T05:00:00Z').offset).toBe(0);
  });

  it('refuses a time without offset', () => {
    expect(() => wallClock('2026-03-29T04:00:00')).toThrow(RangeError);
  });
});

describe('formatClock', () => {
  it('has 24 or 12 hours by the locale', () => {
    expect(formatClock(15, 0, false, 'de-DE')).toBe('15:00');
    expect(plain(formatClock(15, 0, false, 'en-US'))).toBe('3:00 PM');
    expect(plain(formatClock(15, 0, true, 'en-US'))).toBe('3 PM');
    expect(plain(formatClock(15, 30, true, 'en-US'))).toBe('3:30 PM');
  });

  it('calls midnight 00:00', () => {
    expect(formatClock(0, 0, false, 'en-GB')).toBe('00:00');
    expect(formatClock(24, 0, false, 'en-GB')).toBe('00:00');
  });
});

it('writes offsets short', () => {
  expect([0, 120, 330, -210].map(formatOffset)).toEqual(['UTC', 'UTC+2', 'UTC+5:30', 'UTC−3:30']);
});
