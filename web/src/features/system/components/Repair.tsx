import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  /** What fixes it, or leads to where it is fixed. */
  actions: ReactNode;
  children: ReactNode;
}

/** Something that is wrong now, and what can be done about it. */
export const Repair = ({ title, actions, children }: Props) => (
  <li className="card flex flex-wrap items-start gap-x-6 gap-y-4 p-4 sm:p-6">
    <div className="flex min-w-0 flex-1 basis-72 gap-3">
      <CircleAlert aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-alert" />
      <div className="min-w-0">
        <h2 className="font-semibold">{title}</h2>
        <div className="mt-1 text-sm text-ink-soft">{children}</div>
      </div>
    </div>
    <div className="flex flex-wrap gap-2">{actions}</div>
  </li>
);
