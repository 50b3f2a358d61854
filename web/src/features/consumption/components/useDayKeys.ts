import { useEffect } from 'react';
import { stepDay, type Day } from '@/lib/zone';

/** Arrow keys step a day, `t` goes to today; not while something that has keys of its own is focused. */
export function useDayKeys(day: Day, today: Day, onChange: (day: Day) => void) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      if (event.target instanceof Element && event.target.closest('input, textarea, select, [role="menu"], [role="dialog"]'))
        return;

      if (event.key === 'ArrowLeft') onChange(stepDay(day, -1));
      else if (event.key === 'ArrowRight' && day < today) onChange(stepDay(day, 1));
      else if (event.key === 't' && day !== today) onChange(today);
    };

    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [day, today, onChange]);
}
