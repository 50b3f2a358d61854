import { formatShare } from '@/lib/energy';

/** How much of what was expected was really measured. */
export function Coverage({ share }: { share: number }) {
  const full = share >= 1;

  return (
    <span
      title="Share of the expected readings that have arrived"
      className={`rounded-full px-2.5 py-1 text-xs font-semibold tabular-nums ${full ? 'bg-accent-soft text-accent' : 'bg-sunken text-ink-soft'}`}
    >
      {formatShare(share)} of readings
    </span>
  );
}
