import type { Bar } from '@/features/consumption/lib/periodModel';

/** Where a running hour is heading, by what it has used so far. */
export interface Projection {
  /** kWh */
  energy: number;
  /** kWh when the hour ends, if it goes on as it has been. */
  projected: number;
  /** Of the limit; null without one. */
  share: number | null;
  /** Green, orange, red: far from the limit, close to it, over it. */
  level: 'calm' | 'near' | 'over';
}

const nearFrom = 0.8;
const hourSeconds = 3600;

/** Before so much of the hour is measured, its projection would jump about. */
const enoughSeconds = 240;

/** What was measured goes on for the rest of the hour; null when too little was. `latest` is the start of the newest reading's interval. */
export function projectHour(
  hour: Bar | undefined,
  intervalSeconds: number,
  limit: number,
  now: Date,
  latest?: string,
): Projection | null {
  if (hour?.state !== 'running' || hour.energy === null) return null;

  const measured = measuredSeconds(hour, intervalSeconds, latest);
  if (measured < enoughSeconds && hour.energy <= limit) return null;

  const passed = Math.min(hourSeconds, Math.max(measured, (now.getTime() - Date.parse(hour.key)) / 1000));
  const projected = hour.energy + (measured > 0 ? (hour.energy / measured) * (hourSeconds - passed) : 0);
  const share = limit > 0 ? projected / limit : null;

  return {
    energy: hour.energy,
    projected,
    share,
    level: share === null || share < nearFrom ? 'calm' : share <= 1 ? 'near' : 'over',
  };
}

/** How much of the hour its readings cover, with the end of one that started before it. */
function measuredSeconds({ key, readings }: Bar, intervalSeconds: number, latest: string | undefined) {
  const own = readings * intervalSeconds;
  if (latest === undefined) return Math.min(hourSeconds, own);

  const start = (Date.parse(latest) - Date.parse(key)) / 1000;
  return Math.min(hourSeconds, Math.max(0, readings === 0 ? start + intervalSeconds : own + (start % intervalSeconds)));
}
