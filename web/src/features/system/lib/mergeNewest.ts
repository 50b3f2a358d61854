import type { Page } from '@/api/client';

/** What has been fetched of a list but not shown yet, and where its next page begins; `done` when there is none. */
export interface Source<Row> {
  waiting: Row[];
  after: string | undefined;
  done: boolean;
}

/**
 * Makes one list, the newest first, of several that are each sorted so and come in pages. Of each only as much is fetched as is
 * needed to know that nothing newer is left out. `rest` goes on where this ended; undefined when all is told.
 */
export async function mergeNewest<Row extends { at: string }>(
  fetches: readonly ((after?: string) => Promise<Page<Row>>)[],
  before: readonly Source<Row>[] | undefined,
  count: number,
): Promise<{ rows: Row[]; rest: Source<Row>[] | undefined }> {
  const sources =
    before?.map((source) => ({ ...source, waiting: [...source.waiting] })) ??
    fetches.map(() => ({ waiting: [] as Row[], after: undefined as string | undefined, done: false }));
  const rows: Row[] = [];

  while (rows.length < count) {
    await Promise.all(
      sources.map(async (source, index) => {
        if (source.waiting.length > 0 || source.done) return;

        const next = await fetches[index]?.(source.after);
        source.waiting = next?.rows ?? [];
        source.after = next?.next;
        source.done = next?.next === undefined;
      }),
    );

    const newest = sources
      .filter(({ waiting }) => waiting.length > 0)
      .toSorted((a, b) => Date.parse(b.waiting[0]?.at ?? '') - Date.parse(a.waiting[0]?.at ?? ''))[0];
    const row = newest?.waiting.shift();
    if (!row) break;

    rows.push(row);
  }

  return { rows, rest: sources.every(({ waiting, done }) => done && waiting.length === 0) ? undefined : sources };
}
