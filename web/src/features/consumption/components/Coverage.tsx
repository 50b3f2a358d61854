import { formatShare } from '@/lib/energy';

/** The share of the expected readings that have arrived and were accepted; what was not accepted counts as missing. */
export function Coverage({ share }: { share: number }) {
  const full = share >= 1;

  return (
    <span
      title="Share of the expected readings that have arrived and were accepted. Others are in none of these figures."
      className={`rounded-full px-2.5 py-1 text-xs font-semibold tabular-nums ${full ? 'bg-accent-soft text-accent' : 'bg-sunken text-ink-soft'}`}
    >
      {formatShare(share)} of expected readings
    </span>
  );
}
