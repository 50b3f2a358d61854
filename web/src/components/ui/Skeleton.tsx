import { clsx } from 'clsx';

/** A grey shape where something will be. Whoever shows it says in words that the page is loading. */
export function Skeleton({ className }: { className: string }) {
  return <span aria-hidden="true" className={clsx('block animate-pulse rounded-lg bg-sunken', className)} />;
}
