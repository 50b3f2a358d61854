import { currencyOf } from '@/lib/currency';
import type { Device } from '@/features/devices/api/devices';
import type { PeriodPicture } from './periodOption';
import { isOpen, type Reading } from './readings';

type Cell = string | number | null;

/** RFC 4180, with blanks for what is missing; a name that a spreadsheet would take for a formula stays text. */
export const toCsv = (rows: readonly (readonly Cell[])[]) => rows.map((row) => row.map(cell).join(',') + '\r\n').join('');

/** What the chart shows, bar by bar. */
export function periodCsv({ period, compared }: PeriodPicture, { name }: Device) {
  const start = { hour: 'start', day: 'date', month: 'month' }[period.granularity];
  const priced = period.cost !== null;
  const based = period.bars.some(({ baseCost }) => baseCost !== null);
  const code = (period.currency ?? currencyOf())?.toLowerCase();
  const currency = code === undefined ? '' : `_${code}`;

  return toCsv([
    [
      'device',
      start,
      'energy_kwh',
      ...(priced ? [`cost${currency}`] : []),
      ...(based ? [`base_cost${currency}`] : []),
      'readings',
      'expected_readings',
      ...(compared ? [`energy_kwh_${compared.name.replaceAll(' ', '_')}`] : []),
    ],
    ...period.bars
      .filter(({ state }) => state !== 'ahead')
      .map(({ key, energy, cost, baseCost, readings, expected }) => [
        name,
        key,
        energy,
        // As in the service's files, what is paid for production is a negative cost.
        ...(priced ? [cost !== null && period.produces ? 0 - cost : cost] : []),
        ...(based ? [baseCost] : []),
        readings,
        expected,
        ...(compared ? [compared.energies[period.bars.findIndex((bar) => bar.key === key)] ?? null] : []),
      ]),
  ]);
}

/** Readings in the order of time. */
export function readingsCsv(readings: readonly Reading[], { name, reporting_interval_seconds }: Device) {
  const registers = readings.some(({ register }) => register !== undefined);

  return toCsv([
    ['device', 'timestamp', 'interval_seconds', 'energy_kwh', ...(registers ? ['register_kwh'] : [])],
    ...readings.map((reading) => [
      name,
      reading.timestamp,
      ...(isOpen(reading) ? [null, null] : [reading.seconds ?? reporting_interval_seconds, reading.energy]),
      ...(registers ? [reading.register ?? null] : []),
    ]),
  ]);
}

/** For example `heat-pump_2026-11-26.csv`. */
export function fileName(device: string, first: string, last: string, what = '') {
  const words = device.toLocaleLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['device'];
  return `${words.join('-')}${what && `-${what}`}_${first}${first === last ? '' : `_${last}`}.csv`;
}

function cell(value: Cell) {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);

  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
