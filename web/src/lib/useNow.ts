import { useEffect, useState } from 'react';
import { todayIn, type Day } from './zone';

/** Today in a zone; moves on by itself at that zone's midnight. */
export function useToday(zone: string): Day {
  const now = useNow(15_000);
  return todayIn(zone, now);
}

/** The time, as old as `every` milliseconds at most. */
export function useNow(every: number) {
  const [now, setNow] = useState(() => new Date());

  useEffect(() => {
    const update = () => setNow(new Date());
    const timer = setInterval(update, every);
    document.addEventListener('visibilitychange', update);

    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', update);
    };
  }, [every]);

  return now;
}
