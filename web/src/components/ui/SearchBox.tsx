import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';

interface Props {
  label: string;
  value: string;
  /** Called a moment after the last key, so that not every letter asks the server. */
  onChange: (value: string) => void;
}

export function SearchBox({ label, value, onChange }: Props) {
  const [typed, setTyped] = useState(value);
  const [shown, setShown] = useState(value);

  // The address may change by itself, by going back.
  if (shown !== value) {
    setShown(value);
    setTyped(value);
  }

  useEffect(() => {
    if (typed === value) return;

    const timer = setTimeout(() => onChange(typed), 250);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);

  return (
    <label className="relative block min-w-0">
      <span className="sr-only">{label}</span>
      <Search aria-hidden="true" className="absolute top-1/2 left-3 size-4 -translate-y-1/2 text-ink-faint" />
      <input
        type="search"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        placeholder={label}
        className="h-10 w-full rounded-xl border border-line bg-surface pr-3 pl-9 text-sm placeholder:text-ink-faint hover:border-ink-faint"
      />
    </label>
  );
}
