import { Bell } from 'lucide-react';
import { Link } from 'react-router';
import { countedUpTo, useOpenAlerts } from '../api/alerts';

/** Leads to the alerts and says how many of them are open. */
export function AlertBell() {
  const open = useOpenAlerts().data ?? 0;
  const count = open > countedUpTo ? `${countedUpTo}+` : String(open);
  const label = open === 0 ? 'Alerts' : `Alerts, ${count} open`;

  return (
    <Link
      to="/alerts"
      aria-label={label}
      title={label}
      className="relative grid size-10 place-items-center rounded-xl text-ink-soft transition-colors hover:bg-sunken hover:text-ink"
    >
      <Bell aria-hidden="true" className="size-5" />
      {open > 0 && (
        <span
          aria-hidden="true"
          className="absolute top-0.5 right-0 grid h-4.5 min-w-4.5 place-items-center rounded-full bg-alert px-1 text-[0.6875rem] leading-none font-bold text-surface tabular-nums"
        >
          {count}
        </span>
      )}
    </Link>
  );
}
