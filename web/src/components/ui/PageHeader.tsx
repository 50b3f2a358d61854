import { ChevronLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { plainName } from '@/lib/name';
import { Name } from './Name';

interface Props {
  title: string;
  /** Beside the title, such as a state. */
  badge?: ReactNode;
  description?: ReactNode;
  /** The list that this page belongs to. */
  back?: { to: string; label: string };
  actions?: ReactNode;
}

/** What a page is called and what can be done on it. Also names the browser's tab. */
export function PageHeader({ title, badge, description, back, actions }: Props) {
  return (
    <header className="mb-5">
      <title>{`${plainName(title)} · EnergyAspire`}</title>
      {back && (
        <Link
          to={back.to}
          className="mb-2 -ml-1 inline-flex items-center gap-1 rounded-lg text-sm font-medium text-ink-soft hover:text-ink"
        >
          <ChevronLeft aria-hidden="true" className="size-4" />
          {back.label}
        </Link>
      )}
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-2xl font-semibold tracking-tight lg:text-3xl">
            <Name clamp className="min-w-0">
              {title}
            </Name>
            {badge}
          </h1>
          {description && <p className="mt-1 text-ink-soft">{description}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
    </header>
  );
}
