import { useCallback, useState } from 'react';

interface Sight {
  seen: boolean;
  /** In pixels, as it was when it was seen last. */
  height: number;
}

/** What is this close to the screen is drawn before it is scrolled to. */
const ahead = '600px 0px';

/**
 * Which elements of a long list are in sight or nearly so. `watch` is their `ref`; they are told apart by `data-id`. Where the
 * browser can't tell, all of them are.
 */
export function useInSight() {
  const [sights, setSights] = useState<ReadonlyMap<string, Sight>>(new Map());
  const [observer] = useState(() =>
    typeof IntersectionObserver === 'undefined'
      ? null
      : new IntersectionObserver((entries) => setSights((before) => after(before, entries)), { rootMargin: ahead }),
  );

  const watch = useCallback(
    (element: HTMLElement | null) => {
      if (!element || !observer) return;
      observer.observe(element);
      return () => observer.unobserve(element);
    },
    [observer],
  );

  return {
    watch,
    isInSight: useCallback((id: string) => observer === null || sights.get(id)?.seen === true, [observer, sights]),
    /** How high it was when it was drawn, so that nothing moves when it is drawn no longer. */
    heightOf: useCallback((id: string) => sights.get(id)?.height, [sights]),
  };
}

function after(before: ReadonlyMap<string, Sight>, entries: readonly IntersectionObserverEntry[]) {
  const next = new Map(before);

  for (const { target, isIntersecting: seen, boundingClientRect } of entries) {
    const id = target instanceof HTMLElement ? target.dataset.id : undefined;
    const known = id === undefined ? undefined : before.get(id);
    if (id !== undefined && (seen || known?.seen)) next.set(id, { seen, height: boundingClientRect.height });
  }

  return next;
}
