import { afterEach, expect, it } from 'vitest';
import { setCurrency } from '@/lib/currency';
import { energy } from '@/lib/measure';
import { dayOf, full, heatPump, nothing } from '@/testing/data';
import { fileName, periodCsv, readingsCsv, toCsv } from './csv';
import { readPeriod } from './periodModel';

const now = new Date('2026-11-20T03:30:00+02:00');
const period = readPeriod(
  dayOf(heatPump, '2026-11-20', (hour) => (hour === 1 || hour > 3 ? nothing : full(0.1))),
  0,
  now,
);

afterEach(() => setCurrency(undefined));

it('exports what is shown, with blanks for what is missing and nothing of what is ahead', () => {
  const csv = periodCsv({ period, measure: energy, compared: null, hoursOver: new Map() }, heatPump);

  expect(csv.split('\r\n')).toEqual([
    'device,start,energy_kwh,cost,readings,expected_readings',
    'Heat pump,2026-11-20T00:00:00+02:00,0.1,0.05,6,6',
    'Heat pump,2026-11-20T01:00:00+02:00,,,0,6',
    'Heat pump,2026-11-20T02:00:00+02:00,0.1,0.05,6,6',
    'Heat pump,2026-11-20T03:00:00+02:00,0.1,0.05,6,6',
    '',
  ]);
});

it('exports what it is compared with, and no cost without a price', () => {
  const compared = { energies: [2, null], name: 'the day before' };
  const csv = periodCsv({ period: { ...period, cost: null }, measure: energy, compared, hoursOver: new Map() }, heatPump);

  expect(csv.split('\r\n').slice(0, 3)).toEqual([
    'device,start,energy_kwh,readings,expected_readings,energy_kwh_the_day_before',
    'Heat pump,2026-11-20T00:00:00+02:00,0.1,6,6,2',
    'Heat pump,2026-11-20T01:00:00+02:00,,0,6,',
  ]);
});

it.each([
  ['EUR', 'cost_eur'],
  ['JPY', 'cost_jpy'],
  [undefined, 'cost'],
])('names the column of costs by the installation’s currency: %s', (currency, column) => {
  setCurrency(currency);
  const csv = periodCsv({ period, measure: energy, compared: null, hoursOver: new Map() }, heatPump);

  expect(csv.split('\r\n')[0]).toBe(`device,start,energy_kwh,${column},readings,expected_readings`);
});

it('exports readings with their interval', () => {
  expect(readingsCsv([{ timestamp: '2026-11-20T00:00:00+02:00', energy: 0.025 }], heatPump)).toContain(
    'Heat pump,2026-11-20T00:00:00+02:00,600,0.025\r\n',
  );
  const registers = [
    { timestamp: '2026-11-20T00:00:00+02:00', energy: 0.7, register: 100, seconds: 4200 },
    { timestamp: '2026-11-20T01:10:00+02:00', energy: 0, register: 100.7 },
  ];
  expect(readingsCsv(registers, heatPump).split('\r\n').slice(1, 3)).toEqual([
    'Heat pump,2026-11-20T00:00:00+02:00,4200,0.7,100',
    'Heat pump,2026-11-20T01:10:00+02:00,,,100.7',
  ]);
});

it('quotes what would part a cell, and disarms formulas', () => {
  expect(toCsv([['a,b', 'say "hi"', '=1+1', -1]])).toBe('"a,b","say ""hi""",\'=1+1,-1\r\n');
});

it('names files after device and time', () => {
  expect(fileName('Heat pump / cellar', '2026-11-01', '2026-11-30')).toBe('heat-pump-cellar_2026-11-01_2026-11-30.csv');
  expect(fileName('Wärme', '2026-11-26', '2026-11-26', 'readings')).toBe('wärme-readings_2026-11-26.csv');
});
