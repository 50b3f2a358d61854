import { describe, expect, it } from 'vitest';
import { readView, writeView } from './useView';

const today = '2026-11-26';
const read = (query: string, priced = true) => readView(new URLSearchParams(query), today, priced);
const write = (query: string, wish: Parameters<typeof writeView>[1]) =>
  writeView(new URLSearchParams(query), wish, today).toString();

describe('a view', () => {
  it('is today’s energy where the address says nothing', () => {
    expect(read('')).toMatchObject({ period: { span: 'day', day: today }, comparison: null, money: false, readings: false });
  });

  it('is what the address says, as far as it makes sense', () => {
    expect(read('period=month&date=2026-10-05&compare=year&unit=money')).toMatchObject({
      period: { span: 'month', first: '2026-10-01', last: '2026-10-31' },
      comparison: 'year',
      money: true,
    });
    expect(read('period=decade&date=2026-02-30&compare=never')).toMatchObject({
      period: { span: 'day', day: today },
      comparison: null,
    });
    expect(read('date=2026-02-30').noSuchDay).toBe('2026-02-30');
    expect(read('date=2026-11-27').noSuchDay).toBe('2026-11-27');
    expect(read('date=2026-11-26').noSuchDay).toBeNull();
    expect(read('period=month&compare=week').comparison).toBeNull();
    expect(read('period=year&view=readings').readings).toBe(false);
    expect(read('unit=money', false).money).toBe(false);
    expect(read('date=2999-01-01').period.day).toBe(today);
  });

  it('leaves out what is so anyway', () => {
    expect(write('', { day: '2026-11-20' })).toBe('date=2026-11-20');
    expect(write('date=2026-11-20', { day: today })).toBe('');
    expect(write('period=month&unit=money', { span: 'day', money: false })).toBe('');
    expect(write('compare=previous', { comparison: null })).toBe('');
  });

  it('begins with another day where it is told to, and then names today', () => {
    const first = '2026-11-10';
    expect(readView(new URLSearchParams(), today, true, first).period).toMatchObject({ span: 'day', day: first });
    expect(readView(new URLSearchParams(`date=${today}`), today, true, first).period.day).toBe(today);
    expect(writeView(new URLSearchParams(), { day: today }, today, first).toString()).toBe(`date=${today}`);
  });

  it('names no date for what goes on, so that it moves on with time', () => {
    expect(write('date=2026-11-03', { span: 'month' })).toBe('period=month');
    expect(write('date=2026-11-03', { span: '7d' })).toBe('date=2026-11-03&period=7d');
  });
});
