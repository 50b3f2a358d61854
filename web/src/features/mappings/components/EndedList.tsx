import { Link } from 'react-router';
import { Name } from '@/components/ui/Name';
import { useMappings, type Mapping, type Side } from '../api/mappings';
import { ended } from '../periods';

/** Whom a device belonged to before, or which devices belonged to somebody. They still see what was measured then. */
export function EndedList({ side, end }: { side: Side; end: (mapping: Mapping) => { id: string; name: string; to: string } }) {
  const before = useMappings({ ...side, ended: 'true' }).data ?? [];
  if (before.length === 0) return null;

  return (
    <details className="mt-3 border-t border-line pt-3 text-sm">
      <summary className="cursor-pointer rounded font-semibold text-ink-soft">Before ({before.length})</summary>
      <ul aria-label="Before" className="mt-2 grid max-h-60 gap-2 overflow-y-auto">
        {before.map((mapping) => {
          const { id, name, to } = end(mapping);

          return (
            <li key={id} className="min-w-0">
              <Link to={to} className="block rounded font-medium hover:underline">
                <Name truncate>{name}</Name>
              </Link>
              <span className="block text-xs text-ink-faint">{ended(mapping)}</span>
            </li>
          );
        })}
      </ul>
    </details>
  );
}
