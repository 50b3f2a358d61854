import { formatApart } from '@/lib/energy';
import { formatClock, formatDay, offsetIn, viewerOffset, formatOffset } from '@/lib/zone';
import type { Alert } from './api/alerts';

/** An alert as a sentence about its device. What an hour that is over was on the way to is past. */
export function alertSentence({ kind, energy, projected, max_consumption, hour_start }: Alert, now = new Date()) {
  const exceeded = kind === 'exceeded';
  // What is over the limit also reads so, by however little it is.
  const [high, limit] = formatApart(exceeded ? energy : projected, max_consumption);
  const way = exceeded ? '' : now.getTime() < Date.parse(hour_start) + hourMs ? 'On the way to ' : 'Was on the way to ';

  return `${way}${high} in an hour, over the limit of ${limit}`;
}

const hourMs = 3_600_000;

/** Where an alert comes from, to follow its sentence or its hour; empty where it is of the present. */
export const alertOrigin = ({ late }: Pick<Alert, 'late'>) => (late ? ', from readings that came late' : '');

/** The alert's hour by its device's clock, with the zone where the viewer's differs: `Thu, 26 Nov, 18:00–19:00`. */
export function alertHour({ hour_start, time_zone: zone }: Alert) {
  const start = new Date(hour_start);
  const offset = offsetIn(zone, start);
  const wall = new Date(start.getTime() + offset * 60_000);
  const [hour, minute] = [wall.getUTCHours(), wall.getUTCMinutes()];
  const date = formatDay(dayOf(wall), { weekday: 'short', day: 'numeric', month: 'short' });

  return [
    `${date}, ${formatClock(hour, minute)}–${formatClock(hour + 1, minute)}`,
    ...(offset === viewerOffset(start) ? [] : [zone === 'UTC' ? zone : `${zone} (${formatOffset(offset)})`]),
  ].join(', ');
}

/** The day that the hour belongs to, at the device. */
export const alertDay = ({ hour_start, time_zone: zone }: Alert) =>
  dayOf(new Date(Date.parse(hour_start) + offsetIn(zone, new Date(hour_start)) * 60_000));

const dayOf = (wall: Date) => wall.toISOString().slice(0, 10);
