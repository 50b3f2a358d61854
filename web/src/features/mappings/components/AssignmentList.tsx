import { Plus, X, type LucideIcon } from 'lucide-react';
import { useCallback, useRef, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { Button, IconButton } from '@/components/ui/Button';
import { ErrorState } from '@/components/ui/ErrorState';
import { Section } from '@/components/ui/Section';
import { Skeleton } from '@/components/ui/Skeleton';
import { toast } from '@/components/ui/toast';
import { problemText } from '@/lib/formProblem';
import { formatDate } from '@/lib/time';
import { useKeptFocus } from '@/lib/useKeptFocus';
import { useLastError } from '@/lib/useLastError';
import { useChangeMappings, useMappings, type Mapping, type Pair, type Side } from '../api/mappings';
import type { Choice } from './PickDialog';

interface Props {
  title: string;
  description: string;
  side: Side;
  icon: LucideIcon;
  /** What is said when there are none. */
  empty: string;
  /** What the button that adds some says. */
  add: string;
  /** The other end of a mapping. */
  end: (mapping: Mapping) => { id: string; name: string; to: string };
  pair: (id: string) => Pair;
  /** What else is said of a mapping, for example whom the device is shared with. */
  note?: (mapping: Mapping) => ReactNode;
  dialog: (props: { taken: ReadonlySet<string>; onClose: () => void; onPick: (picked: Choice[]) => void }) => ReactNode;
}

/** The mappings of one user or one device: several are added at a time, each can be removed, and both be taken back. */
export function AssignmentList({ title, description, side, icon: Icon, empty, add, end, pair, note, dialog }: Props) {
  const mappings = useMappings(side);
  const error = useLastError(mappings);
  const change = useChangeMappings();
  const [picking, setPicking] = useState(false);
  const adding = useRef<HTMLButtonElement>(null);
  const keptFocus = useKeptFocus<HTMLUListElement>(
    mappings.data,
    useCallback(() => adding.current, []),
  );

  // Said wherever one has gone meanwhile.
  const say = (changing: Promise<unknown>, done: () => void) =>
    void changing.then(done, (failure: unknown) => toast(problemText(failure), { tone: 'alert' }));

  const undone = () => toast('It is as it was before.');

  function assign(picked: Choice[]) {
    const pairs = picked.map(({ id }) => pair(id));
    setPicking(false);
    say(change.mutateAsync({ assign: pairs }), () =>
      toast(picked.length === 1 ? `${picked[0]?.name} is assigned.` : `${picked.length} are assigned.`, {
        action: { label: 'Undo', onClick: () => say(change.mutateAsync({ remove: pairs }), undone) },
      }),
    );
  }

  function remove(mapping: Mapping) {
    const other = end(mapping);
    const pairs = [pair(other.id)];
    say(change.mutateAsync({ remove: pairs }), () =>
      toast(`${other.name} is no longer assigned.`, {
        action: { label: 'Undo', onClick: () => say(change.mutateAsync({ assign: pairs }), undone) },
      }),
    );
  }

  return (
    <Section
      title={title}
      description={description}
      actions={
        <Button ref={adding} onClick={() => setPicking(true)} disabled={!mappings.data}>
          <Plus aria-hidden="true" className="size-4" />
          {add}
        </Button>
      }
    >
      {error && <ErrorState level={2} error={error} retrying={mappings.isFetching} onRetry={() => void mappings.refetch()} />}
      {!error && !mappings.data && (
        <div role="status" className="grid gap-2">
          <span className="sr-only">Loading the list</span>
          <Skeleton className="h-10" />
          <Skeleton className="h-10" />
        </div>
      )}
      {mappings.data?.length === 0 && <p className="rounded-xl bg-sunken px-4 py-3 text-sm text-ink-soft">{empty}</p>}
      <ul {...keptFocus} aria-label={title} className="max-h-96 divide-y divide-line overflow-y-auto">
        {mappings.data?.map((mapping) => {
          const { id, name, to } = end(mapping);

          return (
            <li key={id} className="flex items-center gap-3 py-1.5">
              <Icon aria-hidden="true" className="size-4 shrink-0 text-ink-faint" />
              <span className="min-w-0 flex-1">
                <Link to={to} className="block truncate rounded text-sm font-semibold hover:underline">
                  {name}
                </Link>
                <span className="block truncate text-xs text-ink-faint">
                  since {formatDate(new Date(mapping.assigned_at))}
                  {note?.(mapping)}
                </span>
              </span>
              <IconButton label={`Remove ${name}`} onClick={() => remove(mapping)} disabled={change.isPending}>
                <X aria-hidden="true" className="size-4" />
              </IconButton>
            </li>
          );
        })}
      </ul>
      {picking &&
        dialog({
          taken: new Set(mappings.data?.map((mapping) => end(mapping).id)),
          onClose: () => setPicking(false),
          onPick: assign,
        })}
    </Section>
  );
}
