import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

/** A filter that stands in the address; without a value it isn't there. Typing doesn't fill the history. */
export function useSearchParam(name: string): [string, (value: string) => void] {
  const [params, setParams] = useSearchParams();

  const set = useCallback(
    (value: string) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          if (value) next.set(name, value);
          else next.delete(name);
          return next;
        },
        { replace: true },
      ),
    [name, setParams],
  );

  return [params.get(name) ?? '', set];
}
