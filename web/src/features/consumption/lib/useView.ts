import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { isDay, type Day } from '@/lib/zone';
import { comparisonsOf, isComparison, isCurrent, isSpan, periodOf, type Comparison, type Period, type Span } from './period';

/** What the page shows; all of it stands in the address. */
export interface View {
  period: Period;
  comparison: Comparison | null;
  /** Told as money instead of energy; only where the device has a price. */
  money: boolean;
  /** The readings themselves instead of sums. */
  readings: boolean;
  /** The date in the address where it is none, or has not come yet; then today is shown. */
  noSuchDay: string | null;
}

/** What can be changed; the rest stays. */
export interface Wish {
  span?: Span;
  day?: Day;
  comparison?: Comparison | null;
  money?: boolean;
  readings?: boolean;
}

/** `?period=&date=&compare=&unit=&view=`; what is left out is a day, the day to begin with, nothing, energy and sums. */
export function readView(params: URLSearchParams, today: Day, priced: boolean, first = today): View {
  const span = params.get('period');
  const date = params.get('date');
  const compare = params.get('compare');
  const period = periodOf(isSpan(span) ? span : 'day', isDay(date) && date <= today ? date : first);
  const readings = params.get('view') === 'readings' && hasReadings(period);

  return {
    period,
    comparison: !readings && isComparison(compare) && comparisonsOf(period).includes(compare) ? compare : null,
    money: priced && params.get('unit') === 'money',
    readings,
    noSuchDay: date === null || (isDay(date) && date <= today) ? null : date,
  };
}

export function writeView(params: URLSearchParams, wish: Wish, today: Day, first = today) {
  const next = new URLSearchParams(params);
  const set = (name: string, value: string | null | undefined) => {
    if (value === null) next.delete(name);
    else if (value !== undefined) next.set(name, value);
  };

  set('period', wish.span === 'day' ? null : wish.span);
  set('date', wish.day);
  set('compare', wish.comparison);
  set('unit', wish.money === undefined ? undefined : wish.money ? 'money' : null);
  set('view', wish.readings === undefined ? undefined : wish.readings ? 'readings' : null);

  // What goes on is shown as such and moves on with time.
  const { period } = readView(next, today, false, first);
  if (first === today && isCurrent(period, today)) next.delete('date');
  return next;
}

/** A year of readings is more than a line can show. */
export const hasReadings = ({ granularity }: Period) => granularity !== 'month';

/** @param first The day to begin with. */
export function useView(today: Day, priced: boolean, first = today) {
  const [params, setParams] = useSearchParams();
  const view = useMemo(() => readView(params, today, priced, first), [params, today, priced, first]);

  // Without waiting for a transition: the next key press must start from the period that this one led to.
  const show = useCallback(
    (wish: Wish) => setParams((current) => writeView(current, wish, today, first), { flushSync: true }),
    [setParams, today, first],
  );

  return [view, show] as const;
}
