import { describe, expect, it } from 'vitest';
import {
  daysFrom,
  formatClock,
  formatDay,
  formatDays,
  formatOffset,
  isDay,
  lastOfMonth,
  offsetIn,
  stepDay,
  stepMonth,
  todayIn,
  viewerOffset,
  wallClock,
} from './zone';

const plain = (text: string) => text.replace(/[\u00a0\u2009\u202f]/g, ' ');

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

describe('months', () => {
  it('step to the same day, or the last where there is none such', () => {
    expect(stepMonth('2026-03-31', -1)).toBe('2026-02-28');
    expect(stepMonth('2028-02-29', -12)).toBe('2027-02-28');
    expect(stepMonth('2026-12-05', 1)).toBe('2027-01-05');
  });

  it('end on their last day', () => {
    expect(['2026-02-10', '2028-02-01', '2026-12-31'].map(lastOfMonth)).toEqual(['2026-02-28', '2028-02-29', '2026-12-31']);
  });
});

it('counts days over the viewer’s own clock changes', () => {
  expect(daysFrom('2026-03-07', '2026-03-09')).toBe(3);
  expect(daysFrom('2026-11-26', '2026-11-26')).toBe(1);
  expect(daysFrom('2025-11-27', '2026-11-26')).toBe(365);
});

it('knows how far a zone is from UTC, half hours and clock changes too', () => {
  expect(offsetIn('Asia/Kolkata', new Date('2026-11-20T00:00:00Z'))).toBe(330);
  expect(offsetIn('Europe/Berlin', new Date('2026-07-01T00:00:00Z'))).toBe(120);
});

it('writes days as a range', () => {
  expect(plain(formatDays('2026-11-20', '2026-11-26', { day: 'numeric', month: 'short', year: 'numeric' }, 'en-GB'))).toMatch(
    /^20 ?– ?26 Nov 2026$/,
  );
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
