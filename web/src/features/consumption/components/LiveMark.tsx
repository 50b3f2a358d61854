import { formatTime } from '@/lib/time';

/** That the figures move by themselves, and as of when they are. */
export const LiveMark = ({ live, updatedAt }: { live: boolean; updatedAt: number }) => (
  <p className="mt-1 flex items-center gap-2 text-xs text-ink-faint tabular-nums">
    <span aria-hidden="true" className="relative flex size-2">
      {live && <span className="absolute inset-0 animate-ping rounded-full bg-accent opacity-60" />}
      <span className={`size-2 rounded-full ${live ? 'bg-accent' : 'bg-ink-faint'}`} />
    </span>
    {live ? 'Live' : 'Renewed by itself'}, as of {formatTime(new Date(updatedAt))}
  </p>
);
