import { Lock } from 'lucide-react';
import { Badge } from '@/components/ui/Badge';
import { formatMoment } from '@/lib/time';
import type { Account } from '../api/accounts';

export const roleNames: Record<string, string> = { admin: 'Administrator', client: 'Client' };

export const RoleBadge = ({ role }: { role: string }) => (
  <Badge tone={role === 'admin' ? 'good' : 'calm'}>{roleNames[role] ?? role}</Badge>
);

/** Whether somebody can sign in, and if not, until when. */
export function LockState({ account }: { account: Account }) {
  if (!account.locked_until) return <span className="text-ink-soft">Active</span>;

  const until = new Date(account.locked_until);

  return (
    <Badge tone="bad">
      <Lock aria-hidden="true" className="size-3" />
      {until.getUTCFullYear() === 9999 ? 'Locked' : `Locked until ${formatMoment(until)}`}
    </Badge>
  );
}
