import { powerOf } from '@/lib/energy';

export interface Reading {
  /** RFC 3339 start of the interval, with the device's offset. */
  timestamp: string;
  /** kWh in the interval. */
  energy: number;
  /** Of a meter that reports one: its register in kWh, and the seconds until the next reading, where there is one. */
  register?: number;
  seconds?: number;
}

/** Whether the energy after it isn't known yet. */
export const isOpen = ({ register, seconds }: Reading) => register !== undefined && seconds === undefined;

/** Reads the service's CSV of readings, newest first, into the order of time. */
export function parseReadings(csv: string): Reading[] {
  const [header = '', ...lines] = csv.trimEnd().split(/\r?\n/);
  // The device's name may hold commas; what follows it holds none.
  const columns = header.split(',').slice(2);
  const readings = lines.map((line) => {
    const cells = line.split(',').slice(-columns.length);
    const cell = (column: string) => cells[columns.indexOf(column)] ?? '';
    const [register, seconds] = [cell('register_value_kwh'), cell('interval_seconds')];
    return {
      timestamp: cell('timestamp'),
      energy: Number(cell('measurement_value_kwh')),
      ...(register && { register: Number(register) }),
      ...(seconds && { seconds: Number(seconds) }),
    };
  });

  if (!columns.includes('measurement_value_kwh') || readings.some(({ timestamp, energy }) => !timestamp || Number.isNaN(energy)))
    throw new TypeError('Not a list of readings.');
  return readings.reverse();
}

/** A point of the line: a moment in milliseconds and the average power in kW, or null where the line is interrupted. */
export type PowerPoint = [moment: number, kw: number | null];

/** More than this part of an interval without a reading, and the line doesn't pretend to know what was between. */
const gapAfter = 0.5;

/**
 * Readings as power over time. Each stands at the start of its interval; a gap interrupts the line, also one at the ends of the
 * time that they are of.
 */
export function powerLine(
  readings: readonly Reading[],
  intervalSeconds: number,
  [from, to]: readonly [from: number, to: number],
  current = false,
): PowerPoint[] {
  const points: PowerPoint[] = [];
  const interval = intervalSeconds * 1000;
  let end = from;

  for (const { timestamp, energy, seconds = intervalSeconds } of readings.filter((reading) => !isOpen(reading))) {
    const moment = Date.parse(timestamp);

    if (moment - end > gapAfter * interval) points.push([end, null]);
    points.push([moment, powerOf(energy, seconds)]);
    end = moment + seconds * 1000;
  }

  // Where the time goes on, the newest may still be on its way.
  if (to - end > (current ? gapAfter + 1 : gapAfter) * interval) points.push([end, null], [to, null]);
  return points;
}

/** The stretches without readings. */
export function gapsOf(points: readonly PowerPoint[]): [from: number, to: number][] {
  return points.flatMap(([moment, kw], index) => {
    const next = points[index + 1];
    return kw === null && next ? [[moment, next[0]] as [number, number]] : [];
  });
}
