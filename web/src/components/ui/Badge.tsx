import { clsx } from 'clsx';
import type { ReactNode } from 'react';

export type Tone = 'good' | 'bad' | 'calm';

const tones: Record<Tone, string> = {
  good: 'bg-accent-soft text-accent',
  bad: 'bg-alert-soft text-alert',
  calm: 'bg-sunken text-ink-soft',
};

/** A state in a word or two. */
export const Badge = ({ tone = 'calm', children }: { tone?: Tone; children: ReactNode }) => (
  <span
    className={clsx(
      'inline-flex h-6 items-center gap-1.5 rounded-full px-2.5 text-xs font-semibold whitespace-nowrap',
      tones[tone],
    )}
  >
    {children}
  </span>
);
