import { ArrowDownRight, ArrowRight, ArrowUpRight } from 'lucide-react';
import { formatChange } from '@/lib/energy';

/** How much more or less than then. More is no alarm: what is red goes over a limit. */
export function Change({ against }: { against: { now: number; then: number } | null }) {
  const change = against && formatChange(against.now, against.then);
  if (!against || change === null) return <span className="font-normal text-ink-faint">Nothing to compare</span>;

  const Icon =
    against.now < against.then * 0.995 ? ArrowDownRight : against.now > against.then * 1.005 ? ArrowUpRight : ArrowRight;

  return (
    <span className="inline-flex items-center gap-1">
      <Icon aria-hidden="true" className={Icon === ArrowDownRight ? 'size-4 text-accent' : 'size-4 text-ink-soft'} />
      {change}
    </span>
  );
}
