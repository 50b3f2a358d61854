import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import type { Page } from '@/api/client';
import type { Order } from '@/lib/useSort';
import { useLastError } from '@/lib/useLastError';
import { DataTable, TableSkeleton, type Column } from './DataTable';
import { ErrorState } from './ErrorState';

interface Props<Row> {
  label: string;
  query: UseInfiniteQueryResult<{ pages: Page<Row>[] }>;
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  order?: Order;
  /** In place of the list when nothing is in it. */
  empty: ReactNode;
}

/** A long list of the server's: as it loads, fails, is empty, or is there. */
export function PagedTable<Row>({ label, query, columns, rowKey, order, empty }: Props<Row>) {
  const error = useLastError(query);
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.rows), [query.data]);

  if (error) {
    return (
      <div className="card">
        <ErrorState level={2} error={error} retrying={query.isFetching} onRetry={() => void query.refetch()} />
      </div>
    );
  }

  // That another list is empty says nothing about this one.
  if (!rows || (rows.length === 0 && query.isPlaceholderData)) return <TableSkeleton />;
  if (rows.length === 0) return <div className="card">{empty}</div>;

  return (
    <DataTable
      label={label}
      columns={columns}
      rows={rows}
      rowKey={rowKey}
      order={order}
      stale={query.isPlaceholderData}
      more={query.hasNextPage ? { loading: query.isFetchingNextPage, onMore: () => void query.fetchNextPage() } : undefined}
    />
  );
}
