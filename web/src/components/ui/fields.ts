import { clsx } from 'clsx';

/** How an entry looks, right or wrong. */
export const entryStyle = (wrong: boolean, className?: string) =>
  clsx(
    'w-full rounded-xl border bg-surface px-3.5 transition-colors focus-visible:outline-offset-0 disabled:opacity-60',
    wrong ? 'border-alert' : 'border-line hover:border-ink-faint',
    className,
  );
