import { daysFrom, firstOfMonth, formatDay, formatDays, lastOfMonth, stepDay, stepMonth, type Day } from '@/lib/zone';

/** What is looked at: a calendar day, month or year, or so many days up to one. */
export const spans = ['day', 'month', 'year', '7d', '30d', '365d'] as const;
export type Span = (typeof spans)[number];

export type Granularity = 'hour' | 'day' | 'month';

/** A stretch of days at a device's site. */
export interface Period {
  span: Span;
  /** The day by which it was asked for: any day of a month or year, the last of a rolling period. */
  day: Day;
  first: Day;
  /** Part of the period; may be in the future. */
  last: Day;
  granularity: Granularity;
}

/** What a period can be laid beside. */
export const comparisons = ['previous', 'week', 'year'] as const;
export type Comparison = (typeof comparisons)[number];

const rolling: Partial<Record<Span, number>> = { '7d': 7, '30d': 30, '365d': 365 };

export function periodOf(span: Span, day: Day): Period {
  const days = rolling[span];
  if (days !== undefined) {
    return { span, day, first: stepDay(day, 1 - days), last: day, granularity: span === '365d' ? 'month' : 'day' };
  }

  if (span === 'month') return { span, day, first: firstOfMonth(day), last: lastOfMonth(day), granularity: 'day' };
  if (span === 'year')
    return { span, day, first: `${day.slice(0, 4)}-01-01`, last: `${day.slice(0, 4)}-12-31`, granularity: 'month' };
  return { span, day, first: day, last: day, granularity: 'hour' };
}

export const isSpan = (text: string | null): text is Span => spans.some((span) => span === text);

export const isComparison = (text: string | null): text is Comparison => comparisons.some((one) => one === text);

/** Whether today is in it, so that it goes on. */
export const isCurrent = ({ first, last }: Period, today: Day) => first <= today && today <= last;

/** The period that follows it, or with a negative number goes before it. */
export function stepPeriod({ span, day }: Period, steps: number): Period {
  const days = rolling[span];
  if (days !== undefined) return periodOf(span, stepDay(day, steps * days));
  if (span === 'month') return periodOf(span, stepMonth(day, steps));
  if (span === 'year') return periodOf(span, stepMonth(day, 12 * steps));
  return periodOf(span, stepDay(day, steps));
}

/** Where Home leads: a day's month to its first day, a month's year to January; otherwise nowhere. */
export function firstAmongSiblings({ span, day }: Period): Period | null {
  if (span === 'day') return periodOf(span, firstOfMonth(day));
  if (span === 'month') return periodOf(span, `${day.slice(0, 4)}-01${day.slice(7)}`);
  return null;
}

/** The comparisons that mean something for a period: a year's previous one is last year, and only days have a weekday. */
export const comparisonsOf = ({ span }: Period): Comparison[] =>
  span === 'day' ? ['previous', 'week', 'year'] : span === 'year' || span === '365d' ? ['previous'] : ['previous', 'year'];

export function comparedPeriod(period: Period, comparison: Comparison): Period {
  if (comparison === 'week') return periodOf(period.span, stepDay(period.day, -7));
  if (comparison === 'year') return periodOf(period.span, stepMonth(period.day, -12));
  return stepPeriod(period, -1);
}

/** For example `Thu, 26 Nov 2026`, `November 2026`, `2026` or `20–26 Nov 2026`. */
export function periodName({ span, day, first, last }: Period, language?: string) {
  if (span === 'day') return formatDay(day, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }, language);
  if (span === 'month') return formatDay(day, { month: 'long', year: 'numeric' }, language);
  if (span === 'year') return formatDay(day, { year: 'numeric' }, language);
  return formatDays(first, last, { day: 'numeric', month: 'short', year: 'numeric' }, language);
}

/** In words by its place before today, otherwise by its name. */
export function periodTitle(period: Period, today: Day) {
  const { span, day } = period;

  if (rolling[span] !== undefined && day === today) return `Last ${daysFrom(period.first, period.last)} days`;
  if (isCurrent(period, today)) {
    if (span === 'day') return 'Today so far';
    if (span === 'month') return 'This month so far';
    if (span === 'year') return 'This year so far';
  }

  if (span !== 'day') return periodName(period);
  const name = formatDay(day, { dateStyle: 'full' });
  return day === stepDay(today, -1) ? `Yesterday, ${name}` : name;
}

export const comparisonName = ({ span }: Period, comparison: Comparison) =>
  comparison === 'week'
    ? 'a week before'
    : comparison === 'year'
      ? 'the year before'
      : ({ day: 'the day before', month: 'the month before', year: 'the year before' }[span as string] ?? 'the days before');
