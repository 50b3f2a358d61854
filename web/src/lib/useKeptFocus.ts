import { useLayoutEffect, useRef, type FocusEvent } from 'react';

/**
 * A row that goes takes the focus with it. This gives it to the row in its place, or to what `otherwise` finds.
 * Spread what it returns on the element whose children are the rows.
 */
export function useKeptFocus<List extends HTMLElement>(rows: unknown, otherwise: () => HTMLElement | null) {
  const list = useRef<List>(null);
  const last = useRef<{ element: Element; place: number } | null>(null);

  useLayoutEffect(() => {
    if (!last.current || last.current.element.isConnected || document.activeElement !== document.body) return;

    const left = [...(list.current?.children ?? [])];
    const row = left[Math.min(last.current.place, left.length - 1)];
    const next = row?.querySelector<HTMLElement>('button:not(:disabled)') ?? row?.querySelector<HTMLElement>('a[href]');
    last.current = null;
    (next ?? otherwise())?.focus();
  }, [rows, otherwise]);

  return {
    ref: list,
    onFocus: ({ target, currentTarget }: FocusEvent<List>) => {
      last.current = { element: target, place: [...currentTarget.children].findIndex((row) => row.contains(target)) };
    },
    onBlur: ({ target }: FocusEvent<List>) => {
      // Some browsers say so just before an element goes; one that stays has lost the focus to something else.
      setTimeout(() => {
        if (target.isConnected && last.current?.element === target && target !== document.activeElement) last.current = null;
      });
    },
  };
}
