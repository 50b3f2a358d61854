import { clsx } from 'clsx';
import { Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

interface Props {
  tone: 'alert' | 'info';
  className?: string;
  children: ReactNode;
}

/** A message about the page as a whole; an alert is read out at once. */
export function Banner({ tone, className, children }: Props) {
  const Icon = tone === 'alert' ? TriangleAlert : Info;

  return (
    <div
      role={tone === 'alert' ? 'alert' : 'status'}
      className={clsx(
        'flex gap-3 rounded-xl px-4 py-3 text-sm',
        tone === 'alert' ? 'bg-alert-soft' : 'bg-accent-soft',
        className,
      )}
    >
      <Icon aria-hidden="true" className={clsx('mt-0.5 size-4 shrink-0', tone === 'alert' ? 'text-alert' : 'text-accent')} />
      <div>{children}</div>
    </div>
  );
}
