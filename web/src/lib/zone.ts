import { tz, tzOffset } from '@date-fns/tz';
import { addDays, addMonths, differenceInCalendarDays, endOfMonth, format, isValid, parseISO } from 'date-fns';
import { dateFormat } from './intl';
import { locale } from './locale';

/** A calendar day, `YYYY-MM-DD`, in whatever zone it was asked for. */
export type Day = string;

/** What a clock in a zone shows at a moment, `YYYY-MM-DDTHH:MM`. */
export const clockIn = (zone: string, moment: Date) =>
  new Date(moment.getTime() + offsetIn(zone, moment) * 60_000).toISOString().slice(0, 16);

export const todayIn = (zone: string, now = new Date()): Day => clockIn(zone, now).slice(0, 10);

export const stepDay = (day: Day, days: number): Day => format(addDays(parseISO(day), days), 'yyyy-MM-dd');

/** The same day of another month, or that month's last day where it has none such. */
export const stepMonth = (day: Day, months: number): Day => format(addMonths(parseISO(day), months), 'yyyy-MM-dd');

export const firstOfMonth = (day: Day): Day => `${day.slice(0, 7)}-01`;

export const lastOfMonth = (day: Day): Day => format(endOfMonth(parseISO(day)), 'yyyy-MM-dd');

/** How many days there are from one to another, both counted. */
export const daysFrom = (first: Day, last: Day) => differenceInCalendarDays(parseISO(last), parseISO(first)) + 1;

export const isDay = (text: string | null): text is Day =>
  text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && isValid(parseISO(text));

/** Writes a day by the viewer's locale. No zone is involved: a day is the same words everywhere. */
export const formatDay = (day: Day, options: Intl.DateTimeFormatOptions, language = locale()) =>
  dateFormat({ ...options, timeZone: 'UTC' }, language).format(new Date(`${day}T00:00:00Z`));

/** Two days as one range by the viewer's locale, without what they have in common: `3 – 9 Nov 2026`. */
export const formatDays = (first: Day, last: Day, options: Intl.DateTimeFormatOptions, language = locale()) =>
  dateFormat({ ...options, timeZone: 'UTC' }, language).formatRange(
    new Date(`${first}T00:00:00Z`),
    new Date(`${last}T00:00:00Z`),
  );

/** What a clock on the device's wall shows at an RFC 3339 time, and how far that clock is from UTC. */
export function wallClock(time: string) {
  const [, day, hour, minute, offset] = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})[^Z+-]*(Z|[+-]\d{2}:\d{2})$/.exec(time) ?? [];

  if (day === undefined || hour === undefined || minute === undefined || offset === undefined) {
    throw new RangeError(`Not a time with offset: ${time}`);
  }

  return { day, hour: Number(hour), minute: Number(minute), offset: offsetMinutes(offset) };
}

const clocks = new Map<string, string>();

/** `03:00` or `3:00 AM`; short leaves out the minutes where the locale's clock has AM and PM. */
export function formatClock(hour: number, minute: number, short = false, language = locale()) {
  const key = `${language} ${hour} ${minute} ${short}`;
  // Many bars have the same few names.
  const text = clocks.get(key) ?? writeClock(hour, minute, short, language);

  clocks.set(key, text);
  return text;
}

function writeClock(hour: number, minute: number, short: boolean, language: string) {
  const time = new Date(Date.UTC(2000, 0, 1, hour, minute));
  const clock = dateFormat({ hour: 'numeric', minute: '2-digit', timeZone: 'UTC' }, language);

  if (clock.resolvedOptions().hour12 !== true) {
    return dateFormat({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC' }, language).format(time);
  }

  return short && minute === 0 ? dateFormat({ hour: 'numeric', timeZone: 'UTC' }, language).format(time) : clock.format(time);
}

/** `UTC`, `UTC+2`, `UTC+5:30`. */
export function formatOffset(minutes: number) {
  if (minutes === 0) return 'UTC';

  const size = Math.abs(minutes);
  const rest = size % 60;
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(size / 60)}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}

/** The moment at which a clock in a zone shows this. */
export const momentIn = (zone: string, clock: string) => new Date(parseISO(clock, { in: tz(zone) }).getTime());

/** When a day starts in a zone, in milliseconds. */
export const startOf = (day: Day, zone: string) => momentIn(zone, day).getTime();

/** A zone's distance from UTC at a moment, in minutes. */
export const offsetIn = (zone: string, moment: Date) => tzOffset(zone, moment);

/** The viewer's own distance from UTC at a moment, in minutes. */
export const viewerOffset = (moment: Date) => -moment.getTimezoneOffset();

function offsetMinutes(offset: string) {
  if (offset === 'Z') return 0;

  const [hours, minutes] = offset.slice(1).split(':').map(Number);
  return (offset.startsWith('-') ? -1 : 1) * ((hours ?? 0) * 60 + (minutes ?? 0));
}
