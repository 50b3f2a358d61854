import { formatEnergy } from '@/lib/energy';
import { formatClock, formatDay, offsetIn, viewerOffset, formatOffset } from '@/lib/zone';
import type { Alert } from './api/alerts';

/** An alert as a sentence about its device. What an hour that is over was on the way to is past. */
export const alertSentence = ({ kind, energy, projected, max_consumption, hour_start }: Alert, now = new Date()) =>
  kind === 'exceeded'
    ? `${formatEnergy(energy)} in an hour, over the limit of ${formatEnergy(max_consumption)}`
    : `${now.getTime() < Date.parse(hour_start) + 3_600_000 ? 'On' : 'Was on'} the way to ${formatEnergy(projected)} in an hour, over the limit of ${formatEnergy(max_consumption)}`;

/** The alert's hour by its device's clock, with the zone where the viewer's differs: `Thu, 26 Nov, 18:00–19:00`. */
export function alertHour({ hour_start }: Alert, zone: string) {
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
export const alertDay = ({ hour_start }: Alert, zone: string) =>
  dayOf(new Date(Date.parse(hour_start) + offsetIn(zone, new Date(hour_start)) * 60_000));

const dayOf = (wall: Date) => wall.toISOString().slice(0, 10);
