import { CalendarDays, Plus, X, type LucideIcon } from 'lucide-react';
import { useCallback, useRef, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { Button, IconButton } from '@/components/ui/Button';
import { CheckBox } from '@/components/ui/CheckBox';
import { ErrorState } from '@/components/ui/ErrorState';
import { Name } from '@/components/ui/Name';
import { Section } from '@/components/ui/Section';
import { Skeleton } from '@/components/ui/Skeleton';
import { toast } from '@/components/ui/toast';
import { nameInText } from '@/lib/name';
import { problemText } from '@/lib/formProblem';
import { useKeptFocus } from '@/lib/useKeptFocus';
import { useLastError } from '@/lib/useLastError';
import { useChangeMappings, useMappings, type Mapping, type Pair, type PairChange, type Side } from '../api/mappings';
import { since } from '../periods';
import { EndedList } from './EndedList';
import type { Choice } from './PickDialog';
import { SinceDialog } from './SinceDialog';

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

/** The mappings of one user or one device: several are added or removed at a time, and both can be taken back. */
export function AssignmentList({ title, description, side, icon: Icon, empty, add, end, pair, note, dialog }: Props) {
  const mappings = useMappings(side);
  const error = useLastError(mappings);
  const change = useChangeMappings();
  const [picking, setPicking] = useState(false);
  const [dating, setDating] = useState<Mapping | null>(null);
  const adding = useRef<HTMLButtonElement>(null);
  const keptFocus = useKeptFocus<HTMLUListElement>(
    mappings.data,
    useCallback(() => adding.current, []),
  );

  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const several = (mappings.data?.length ?? 0) > 1;
  const selected = mappings.data?.filter((mapping) => chosen.has(end(mapping).id)) ?? [];

  // Said wherever one has gone meanwhile.
  const fail = (failure: unknown) => toast(problemText(failure), { tone: 'alert' });

  /** Changes pairs, says what became of them, and offers to take that back. */
  function apply(how: 'assign' | 'remove', pairs: readonly PairChange[], said: (done: number) => string) {
    void change.mutateAsync({ how, pairs }).then(({ done, failure }) => {
      const undo = () =>
        void change
          .mutateAsync({ how: how === 'assign' ? 'remove' : 'assign', pairs: done })
          .then((back) => (back.failure ? fail(back.failure) : toast('It is as it was before.')), fail);

      toast(
        failure ? `${said(done.length)} Of the other ${pairs.length - done.length}: ${problemText(failure)}` : said(done.length),
        {
          tone: failure ? 'alert' : 'calm',
          action: { label: 'Undo', onClick: undo },
        },
      );
    }, fail);
  }

  function assign(picked: Choice[]) {
    setPicking(false);
    apply(
      'assign',
      picked.map(({ id }) => pair(id)),
      (done) =>
        picked.length === 1
          ? `${nameInText(picked[0]?.name ?? '')} is assigned.`
          : `${done} ${done === 1 ? 'is' : 'are'} assigned.`,
    );
  }

  function remove(gone: readonly Mapping[]) {
    setChosen(new Set());
    apply(
      'remove',
      gone.map((mapping) => ({ ...pair(end(mapping).id), held: mapping.periods })),
      (done) =>
        gone.length === 1 && gone[0]
          ? `${nameInText(end(gone[0]).name)} is no longer assigned.`
          : `${done} ${done === 1 ? 'is' : 'are'} no longer assigned.`,
    );
  }

  function choose(id: string) {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
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
      {selected.length > 0 && (
        <div className="mb-2 flex flex-wrap items-center gap-2 rounded-xl bg-sunken px-3 py-2 text-sm">
          <span className="mr-auto" aria-live="polite">
            {selected.length} selected
          </span>
          {selected.length < (mappings.data?.length ?? 0) && (
            <Button tone="quiet" onClick={() => setChosen(new Set(mappings.data?.map((mapping) => end(mapping).id)))}>
              Select all
            </Button>
          )}
          <Button
            busy={change.isPending}
            onClick={() => {
              remove(selected);
              // The button goes with what is selected.
              adding.current?.focus();
            }}
          >
            Remove {selected.length}
          </Button>
        </div>
      )}
      <ul {...keptFocus} aria-label={title} className="max-h-96 divide-y divide-line overflow-y-auto">
        {mappings.data?.map((mapping) => {
          const { id, name, to } = end(mapping);

          return (
            <li key={id} className="flex items-center gap-3 py-1.5">
              {several ? (
                <CheckBox label={`Select ${nameInText(name)}`} checked={chosen.has(id)} onChange={() => choose(id)} />
              ) : (
                <Icon aria-hidden="true" className="size-4 shrink-0 text-ink-faint" />
              )}
              <span className="min-w-0 flex-1">
                <Link to={to} className="block rounded text-sm font-semibold hover:underline">
                  <Name truncate>{name}</Name>
                </Link>
                <span className="block truncate text-xs text-ink-faint">
                  {since(mapping)}
                  {note?.(mapping)}
                </span>
              </span>
              <IconButton label={`Change since when ${nameInText(name)} is assigned`} onClick={() => setDating(mapping)}>
                <CalendarDays aria-hidden="true" className="size-4" />
              </IconButton>
              <IconButton label={`Remove ${nameInText(name)}`} onClick={() => remove([mapping])} disabled={change.isPending}>
                <X aria-hidden="true" className="size-4" />
              </IconButton>
            </li>
          );
        })}
      </ul>
      <EndedList side={side} end={end} />
      {dating && <SinceDialog mapping={dating} onClose={() => setDating(null)} />}
      {picking &&
        dialog({
          taken: new Set(mappings.data?.map((mapping) => end(mapping).id)),
          onClose: () => setPicking(false),
          onPick: assign,
        })}
    </Section>
  );
}
