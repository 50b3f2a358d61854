import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { ChevronDown, ChevronsUpDown, ChevronUp } from 'lucide-react';
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { turned, type Order } from '@/lib/useSort';
import { Button } from './Button';
import { Skeleton } from './Skeleton';

export interface Column<Row> {
  header: string;
  cell: (row: Row) => ReactNode;
  /** For header and cells: widths, alignment, and from which width on they are shown. */
  className?: string;
  /** What the server sorts by when the header is pressed; pressed again, from the other end. */
  sort?: string;
}

interface Props<Row> {
  /** What the rows are, for those who can't see them. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  order?: Order | undefined;
  /** There may be more rows than these. */
  more?: { loading: boolean; onMore: () => void } | undefined;
  /** Older rows are shown while newer ones are fetched. */
  stale?: boolean;
}

/** Rows that are far from the screen's edges aren't drawn, so that ten thousand scroll as easily as ten. */
export function DataTable<Row>({ label, columns, rows, rowKey, order, more, stale = false }: Props<Row>) {
  const table = useRef<HTMLTableElement>(null);
  const [top, setTop] = useState(0);

  useLayoutEffect(() => {
    const element = table.current;
    if (!element) return;

    const measure = () => setTop(element.getBoundingClientRect().top + window.scrollY);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);

    return () => observer.disconnect();
  }, []);

  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => 57,
    overscan: 12,
    scrollMargin: top,
    // The same function while the rows are the same: with another one each row's place is reckoned anew.
    getItemKey: useCallback((index: number) => rowKey(rows[index] as Row), [rows, rowKey]),
  });
  const items = virtual.getVirtualItems();
  const before = (items[0]?.start ?? top) - top;
  const after = virtual.getTotalSize() - ((items.at(-1)?.end ?? top) - top);

  const atEnd = (items.at(-1)?.index ?? -1) >= rows.length - 5;
  useEffect(() => {
    if (atEnd && more && !more.loading) more.onMore();
  }, [atEnd, more]);

  return (
    <div className={clsx('card overflow-clip transition-opacity', stale && 'opacity-60')} aria-busy={stale}>
      <table
        ref={table}
        aria-label={label}
        aria-rowcount={more ? -1 : rows.length + 1}
        className="w-full table-fixed text-left text-sm"
      >
        <thead>
          <tr className="border-b border-line text-xs text-ink-faint" aria-rowindex={1}>
            {columns.map((column) => (
              <Header key={column.header} column={column} order={order} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap height={before} />
          {items.map(({ key, index }) => {
            const row = rows[index] as Row;

            return (
              <tr
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                aria-rowindex={index + 2}
                className="relative border-b border-line transition-colors last:border-0 hover:bg-sunken/60"
              >
                {columns.map((column) => (
                  <td key={column.header} className={clsx('px-4 py-2.5 align-middle', column.className)}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          <Gap height={after} />
        </tbody>
      </table>
      {more && (
        <p className="border-t border-line p-3 text-center">
          <Button tone="quiet" busy={more.loading} onClick={more.onMore}>
            {more.loading ? 'Loading more' : 'Load more'}
          </Button>
        </p>
      )}
    </div>
  );
}

/** The name of a column; one that the list can be sorted by is a button. */
function Header<Row>({ column: { header, className, sort }, order }: { column: Column<Row>; order: Order | undefined }) {
  if (sort === undefined || !order) {
    return (
      <th scope="col" className={clsx('px-4 py-2.5 font-semibold', className)}>
        {header}
      </th>
    );
  }

  const { sort: current, onSort } = order;
  const sorted = current === sort || current === turned(sort);
  const descending = current.startsWith('-');
  const Icon = !sorted ? ChevronsUpDown : descending ? ChevronDown : ChevronUp;

  return (
    <th
      scope="col"
      aria-sort={!sorted ? undefined : descending ? 'descending' : 'ascending'}
      className={clsx('px-2 py-1 font-semibold', className)}
    >
      <button
        type="button"
        className={clsx('flex h-8 items-center gap-1 rounded-lg px-2 hover:bg-sunken hover:text-ink', sorted && 'text-ink-soft')}
        onClick={() => onSort(sorted ? turned(current) : sort)}
      >
        {header}
        <Icon aria-hidden="true" className="size-3.5 shrink-0" />
      </button>
    </th>
  );
}

/** Holds the place of rows that aren't drawn. */
const Gap = ({ height }: { height: number }) =>
  height > 0 && (
    <tr aria-hidden="true">
      <td style={{ height, padding: 0 }} />
    </tr>
  );

export function TableSkeleton({ rows = 8 }: { rows?: number }) {
  return (
    <div role="status" className="card divide-y divide-line">
      <span className="sr-only">Loading the list</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex items-center gap-4 p-4">
          <Skeleton className="h-5 w-2/5" />
          <Skeleton className="ml-auto h-5 w-1/5" />
        </div>
      ))}
    </div>
  );
}
