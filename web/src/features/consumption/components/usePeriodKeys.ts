import { useEffect } from 'react';
import type { Day } from '@/lib/zone';
import { firstAmongSiblings, isCurrent, stepPeriod, type Period } from '../lib/period';

/**
 * Arrow keys step a period, Home goes to the first of the month or year around it, End and `t` to now; not while something
 * that has keys of its own is focused.
 */
export function usePeriodKeys(period: Period, today: Day, onChange: (day: Day) => void) {
  useEffect(() => {
    const current = isCurrent(period, today);
    const targets: Record<string, () => Day | undefined> = {
      ArrowLeft: () => stepPeriod(period, -1).day,
      ArrowRight: () => (current ? undefined : stepPeriod(period, 1).day),
      Home: () => firstAmongSiblings(period)?.day,
      End: () => (current ? undefined : today),
      t: () => (current ? undefined : today),
    };

    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      if (event.target instanceof Element && event.target.closest('input, textarea, select, [role="menu"], [role="dialog"]'))
        return;

      const day = targets[event.key]?.();
      if (day === undefined || day === period.day) return;

      event.preventDefault();
      onChange(day);
    };

    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [period, today, onChange]);
}
