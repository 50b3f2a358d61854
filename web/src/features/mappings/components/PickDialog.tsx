import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { Page } from '@/api/client';
import { Button } from '@/components/ui/Button';
import { CheckBox } from '@/components/ui/CheckBox';
import { Dialog } from '@/components/ui/Dialog';
import { ErrorState } from '@/components/ui/ErrorState';
import { Name } from '@/components/ui/Name';
import { SearchBox } from '@/components/ui/SearchBox';
import { Skeleton } from '@/components/ui/Skeleton';

export interface Choice {
  id: string;
  name: string;
  detail?: ReactNode | undefined;
}

interface Props {
  title: string;
  description: string;
  searchLabel: string;
  search: string;
  onSearch: (search: string) => void;
  query: UseInfiniteQueryResult<{ pages: Page<unknown>[] }>;
  choices: readonly Choice[];
  /** Those that are assigned already. */
  taken: ReadonlySet<string>;
  confirm: (count: number) => string;
  onClose: () => void;
  onPick: (picked: Choice[]) => void;
}

/** Several of a long list that the server searches. What is picked stays picked while another search runs. */
export function PickDialog(props: Props) {
  const { title, description, searchLabel, search, onSearch, query, choices, taken, confirm, onClose, onPick } = props;
  const [picked, setPicked] = useState<ReadonlyMap<string, Choice>>(new Map());

  function toggle(choice: Choice) {
    const next = new Map(picked);
    if (!next.delete(choice.id)) next.set(choice.id, choice);
    setPicked(next);
  }

  return (
    <Dialog open onClose={onClose} title={title} description={description}>
      <div className="px-5 pb-3 sm:px-6">
        <SearchBox label={searchLabel} value={search} onChange={onSearch} />
      </div>
      <div className="min-h-48 flex-1 overflow-y-auto border-y border-line px-2 py-2 sm:px-3">
        {query.isError && !query.data && (
          <ErrorState level={2} error={query.error} retrying={query.isFetching} onRetry={() => void query.refetch()} />
        )}
        {query.isPending && (
          <div role="status" className="grid gap-2 p-3">
            <span className="sr-only">Loading the list</span>
            <Skeleton className="h-9" />
            <Skeleton className="h-9" />
            <Skeleton className="h-9" />
          </div>
        )}
        {query.data && choices.length === 0 && <p className="p-3 text-sm text-ink-soft">Nothing is called that.</p>}
        <ul>
          {choices.map((choice) => (
            <li key={choice.id}>
              <label className="flex items-center gap-3 rounded-xl px-3 py-2 hover:bg-sunken">
                <CheckBox
                  checked={taken.has(choice.id) || picked.has(choice.id)}
                  disabled={taken.has(choice.id)}
                  onChange={() => toggle(choice)}
                />
                <span className="min-w-0 flex-1">
                  <Name truncate className="text-sm font-medium">
                    {choice.name}
                  </Name>
                  {(choice.detail ?? taken.has(choice.id)) && (
                    <span className="block truncate text-xs text-ink-faint">
                      {taken.has(choice.id) ? 'Assigned already' : choice.detail}
                    </span>
                  )}
                </span>
              </label>
            </li>
          ))}
        </ul>
        {query.hasNextPage && (
          <Button tone="quiet" className="w-full" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Load more
          </Button>
        )}
      </div>
      <footer className="flex justify-end gap-2 p-4 sm:px-6">
        <Button onClick={onClose}>Cancel</Button>
        <Button tone="primary" disabled={picked.size === 0} onClick={() => onPick([...picked.values()])}>
          {confirm(picked.size)}
        </Button>
      </footer>
    </Dialog>
  );
}
