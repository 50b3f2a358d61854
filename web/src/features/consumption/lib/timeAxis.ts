import { tz } from '@date-fns/tz';
import { startOfDay } from 'date-fns';
import { formatClock, formatDay, formatOffset, offsetIn } from '@/lib/zone';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const steps = [
  minute,
  5 * minute,
  15 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  5 * day,
  10 * day,
];

/** Round moments on a zone's clock between two others, at most so many. Clock changes shift what comes after them. */
export function ticksBetween(from: number, to: number, zone: string, most: number): number[] {
  const step = steps.find((one) => (to - from) / one <= most) ?? 30 * day;
  const ticks: number[] = [];

  // Whole steps of the wall clock, counted from each day's midnight so that a shifted day doesn't shift the next.
  let midnight = startOfDay(from, { in: tz(zone) }).getTime();
  const stride = Math.max(step, day);

  while (midnight <= to) {
    const next = startOfDay(midnight + stride + 2 * hour, { in: tz(zone) }).getTime();
    if (step >= day) ticks.push(midnight);
    else for (let wall = 0; wall < day; wall += step) ticks.push(atWall(midnight, wall, zone));
    midnight = next;
  }

  return [...new Set(ticks)].filter((tick) => tick >= from && tick <= to);
}

/** A tick in words: the date at midnight, else the time. */
export function tickName(moment: number, zone: string) {
  const wall = wallOf(moment, zone);
  const [hours, minutes] = [wall.getUTCHours(), wall.getUTCMinutes()];

  return hours === 0 && minutes === 0
    ? formatDay(wall.toISOString().slice(0, 10), { day: 'numeric', month: 'short' })
    : formatClock(hours, minutes, true);
}

/** A moment in words by a zone's clock, with the offset where the viewer needs it. */
export function momentName(moment: number, zone: string, withOffset = false) {
  const wall = wallOf(moment, zone);
  const date = formatDay(wall.toISOString().slice(0, 10), { weekday: 'short', day: 'numeric', month: 'short' });
  const time = formatClock(wall.getUTCHours(), wall.getUTCMinutes());

  return `${date}, ${time}${withOffset ? ` ${formatOffset(offsetIn(zone, new Date(moment)))}` : ''}`;
}

/** Whether the same time comes twice or not at all between two moments, so that it needs its offset. */
export const clocksChange = (from: number, to: number, zone: string) =>
  offsetIn(zone, new Date(from)) !== offsetIn(zone, new Date(to));

/** The moment when the clock shows so much after midnight; where it jumps over that, the moment of the jump's end. */
function atWall(midnight: number, wall: number, zone: string) {
  const guess = midnight + wall;
  return guess + (offsetIn(zone, new Date(midnight)) - offsetIn(zone, new Date(guess))) * minute;
}

/** What the zone's clock shows, as if it were UTC. */
const wallOf = (moment: number, zone: string) => new Date(moment + offsetIn(zone, new Date(moment)) * minute);
