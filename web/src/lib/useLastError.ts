import { useState } from 'react';

interface Outcome {
  data: unknown;
  error: Error | null;
}

/**
 * The error because of which there is nothing to show. A query without data forgets its error as soon as it tries again;
 * here it stays until data come, so that the page doesn't flicker between error and skeleton.
 */
export function useLastError({ data, error }: Outcome) {
  const [last, setLast] = useState<Error | null>(null);
  const current = data === undefined ? (error ?? last) : null;

  if (current !== last) setLast(current);
  return current;
}
