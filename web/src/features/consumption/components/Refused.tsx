import { ShieldAlert } from 'lucide-react';
import { Link } from 'react-router';
import { useSession } from '@/features/session/api/session';
import { formatNumber } from '@/lib/intl';
import type { Device } from '@/features/devices/api/devices';
import { useRefused } from '../api/refused';
import type { Period } from '../lib/period';

/** Tells administrators of readings that are in no sum because they were not accepted: coverage alone doesn't. */
export function Refused({ device, period: { first, last } }: { device: Device; period: Period }) {
  const isAdmin = useSession().data?.user?.role === 'admin';
  const count = useRefused(device.id, first, last, isAdmin);
  if (!count) return null;

  return (
    <p className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-xl bg-warn-soft px-4 py-2 text-sm text-warn">
      <ShieldAlert aria-hidden="true" className="size-4 shrink-0" />
      <span>
        {formatNumber(count)} {count === 1 ? 'reading of this time was' : 'readings of this time were'} not accepted and{' '}
        {count === 1 ? 'is' : 'are'} in none of these figures.
      </span>
      <Link to={`/system/quarantine?device=${device.id}`} className="font-semibold underline underline-offset-4">
        Look at the quarantine
      </Link>
    </p>
  );
}
