import { powerOf } from '@/lib/energy';

export interface Reading {
  /** RFC 3339 start of the interval, with the device's offset. */
  timestamp: string;
  /** kWh in the interval. */
  energy: number;
}

/** Reads the service's CSV of readings, newest first, into the order of time. */
export function parseReadings(csv: string): Reading[] {
  const [header = '', ...lines] = csv.trimEnd().split(/\r?\n/);
  const columns = header.split(',').length;
  const readings = lines.map((line) => {
    // The device's name may hold commas; what follows it holds none.
    const [timestamp = '', energy = ''] = line.split(',').slice(-2);
    return { timestamp, energy: Number(energy) };
  });

  if (columns < 2 || readings.some(({ timestamp, energy }) => !timestamp || Number.isNaN(energy)))
    throw new TypeError('Not a list of readings.');
  return readings.reverse();
}

/** A point of the line: a moment in milliseconds and the average power in kW, or null where the line is interrupted. */
export type PowerPoint = [moment: number, kw: number | null];

/** More than this many intervals without a reading, and the line doesn't pretend to know what was between. */
const gapAfter = 1.5;

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
  let before = from - interval;

  for (const { timestamp, energy } of readings) {
    const moment = Date.parse(timestamp);

    if (moment - before > gapAfter * interval) points.push([before + interval, null]);
    points.push([moment, powerOf(energy, intervalSeconds)]);
    before = moment;
  }

  // Where the time goes on, the newest may still be on its way.
  if (to - before > (current ? gapAfter + 1 : gapAfter) * interval) points.push([before + interval, null], [to, null]);
  return points;
}

/** The stretches without readings. */
export function gapsOf(points: readonly PowerPoint[]): [from: number, to: number][] {
  return points.flatMap(([moment, kw], index) => {
    const next = points[index + 1];
    return kw === null && next ? [[moment, next[0]] as [number, number]] : [];
  });
}
