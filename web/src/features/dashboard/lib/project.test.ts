import { expect, it } from 'vitest';
import type { Bar } from '@/features/consumption/lib/periodModel';
import { projectHour } from './project';

const hour = (energy: number, readings: number): Bar => ({
  key: '2026-11-20T10:00:00Z',
  state: 'running',
  energy,
  cost: null,
  baseCost: null,
  measured: true,
  readings,
  expected: 6,
  over: false,
  slot: '600',
  tick: '10 AM',
  labelled: true,
  name: '10–11 AM',
});
const half = new Date('2026-11-20T10:30:00Z');

it('goes on as it has been', () => {
  expect(projectHour(hour(1, 3), 600, 4, half)).toMatchObject({ projected: 2, share: 0.5, level: 'calm' });
  expect(projectHour(hour(1.8, 3), 600, 4, half)).toMatchObject({ level: 'near' });
  expect(projectHour(hour(3, 3), 600, 4, half)).toMatchObject({ level: 'over' });
});

it('says nothing while too little is measured, unless that is too much already', () => {
  expect(projectHour(hour(1, 3), 60, 4, half)).toBeNull();
  expect(projectHour(hour(0.1, 0), 600, 4, half)).toBeNull();
  expect(projectHour(hour(5, 0), 600, 4, half)).toMatchObject({ projected: 5, level: 'over' });
});

it('knows the part that a reading of the hour before covers', () => {
  // At :09, after nine minutes that belong to the reading of :59.
  expect(projectHour(hour(1.9, 1), 600, 4, new Date('2026-11-20T10:19:00Z'), '2026-11-20T10:09:00Z')?.projected).toBeCloseTo(6);
  expect(projectHour(hour(3, 0), 7200, 4, half, '2026-11-20T09:00:00Z')).toMatchObject({ projected: 3, level: 'calm' });
  expect(projectHour(hour(1, 0), 7200, 4, half, '2026-11-20T08:30:00Z')).toMatchObject({ projected: 2 });
});
