import { clsx } from 'clsx';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

interface Props {
  icon: LucideIcon;
  title: string;
  /** 1 when it is all that the page has. */
  level?: 1 | 2;
  role?: 'alert' | 'status';
  tone?: 'calm' | 'alert';
  /** What can be done now. */
  action?: ReactNode;
  children: ReactNode;
}

/** Takes the place of content that isn't there, and says why and what next. */
export function StateMessage({ icon: Icon, title, level = 1, role, tone = 'calm', action, children }: Props) {
  const Heading = level === 1 ? 'h1' : 'h2';

  return (
    <div role={role} className="mx-auto flex max-w-md flex-col items-center px-4 py-12 text-center">
      <span
        className={clsx(
          'mb-5 grid size-14 place-items-center rounded-2xl',
          tone === 'alert' ? 'bg-alert-soft text-alert' : 'bg-accent-soft text-accent',
        )}
      >
        <Icon aria-hidden="true" className="size-6" />
      </span>
      <Heading className="text-lg font-semibold text-balance">{title}</Heading>
      <div className="mt-2 text-ink-soft text-pretty">{children}</div>
      {action && <div className="mt-6 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}
