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

/** What was measured goes on for the rest of the hour; null when too little was. */
export function projectHour(hour: Bar | undefined, intervalSeconds: number, limit: number, now: Date): Projection | null {
  if (hour?.state !== 'running' || hour.energy === null) return null;

  const measured = Math.min(hourSeconds, hour.readings * intervalSeconds);
  if (measured < Math.min(enoughSeconds, hourSeconds) && hour.energy <= limit) return null;

  const passed = Math.min(hourSeconds, Math.max(measured, (now.getTime() - Date.parse(hour.key)) / 1000));
  const projected = hour.energy + (hour.energy / measured) * (hourSeconds - passed);
  const share = limit > 0 ? projected / limit : null;

  return {
    energy: hour.energy,
    projected,
    share,
    level: share === null || share < nearFrom ? 'calm' : share <= 1 ? 'near' : 'over',
  };
}
