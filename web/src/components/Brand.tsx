import { clsx } from 'clsx';

/** Mark and name. */
export function Brand({ inverse = false }: { inverse?: boolean }) {
  return (
    <span className="inline-flex items-center gap-2.5">
      <svg viewBox="0 0 32 32" className="size-8" aria-hidden="true">
        <rect width="32" height="32" rx="9" fill={inverse ? '#ffffff1f' : '#0b6e69'} />
        <rect x="7" y="17" width="4" height="8" rx="2" fill="#bfe9e3" />
        <rect x="14" y="12" width="4" height="13" rx="2" fill="#ffffff" />
        <rect x="21" y="15" width="4" height="10" rx="2" fill="#bfe9e3" />
        <circle cx="23" cy="9" r="2.5" fill="#ffb38a" />
      </svg>
      <span className="text-lg font-semibold tracking-tight">
        Energy<span className={clsx(inverse ? 'text-[#9fe3d9]' : 'text-accent')}>Aspire</span>
      </span>
    </span>
  );
}
