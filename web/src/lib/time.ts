import { dateFormat, formatNumber, numberFormat, relativeFormat } from './intl';
import { locale } from './locale';

/** A moment on the viewer's own clock, with seconds. */
export const formatTime = (moment: Date, language = locale()) =>
  dateFormat({ hour: 'numeric', minute: '2-digit', second: '2-digit' }, language).format(moment);

/** A moment by the viewer's calendar and clock, for example `26 Nov 2026, 14:05`. */
export const formatMoment = (moment: Date, language = locale()) =>
  dateFormat({ dateStyle: 'medium', timeStyle: 'short' }, language).format(moment);

/** A moment by a zone's calendar and clock. */
export const formatMomentIn = (timeZone: string, moment: Date, language = locale()) =>
  dateFormat({ dateStyle: 'medium', timeStyle: 'short', timeZone }, language).format(moment);

/** A day by the viewer's calendar. */
export const formatDate = (moment: Date, language = locale()) => dateFormat({ dateStyle: 'medium' }, language).format(moment);

const steps: [limit: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [60, 'second', 1],
  [3600, 'minute', 60],
  [86_400, 'hour', 3600],
  [86_400 * 30, 'day', 86_400],
  [86_400 * 365, 'month', 86_400 * 30],
  [Infinity, 'year', 86_400 * 365],
];

/** How long ago, for example `3 minutes ago`: in words, and the page's are English. */
export function formatAgo(moment: Date, now = new Date()) {
  // A clock that is ahead makes no future of the past.
  const seconds = Math.max(0, Math.round((now.getTime() - moment.getTime()) / 1000));
  const [, unit, size] = steps.find(([limit]) => seconds < limit) ?? ['', 'second', 1];

  return relativeFormat({ numeric: 'auto' }, 'en').format(-Math.trunc(seconds / size), unit);
}

/** A length of time, for example `340 ms`, `2.4 s`, `3 min`. */
export function formatDuration(milliseconds: number, language = locale()) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)}\u00a0ms`;
  if (milliseconds < 60_000) return `${numberFormat({ maximumFractionDigits: 1 }, language).format(milliseconds / 1000)}\u00a0s`;
  return `${formatNumber(Math.round(milliseconds / 60_000), language)}\u00a0min`;
}

export const quarterMs = 900_000;

/** Hours and days begin at quarters of an hour everywhere: until the next one no period changes by time alone. */
export const quarterOf = (now: Date) => Math.floor(now.getTime() / quarterMs);
