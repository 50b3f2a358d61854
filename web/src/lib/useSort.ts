import type { Column } from '@/components/ui/DataTable';
import { useSearchParam } from './useSearchParam';

/** The order of a list: a field's name, with a minus before it from the end. */
export interface Order {
  sort: string;
  onSort: (sort: string) => void;
}

/**
 * The order of a list, which stands in the address; the usual one isn't there. An address that names none of the
 * columns' orders means the usual one.
 */
export function useSort<Row>(columns: readonly Column<Row>[], usual: string): Order {
  const [asked, setAsked] = useSearchParam('sort');
  const known = columns.some(({ sort }) => sort !== undefined && (asked === sort || asked === turned(sort)));

  return { sort: known ? asked : usual, onSort: (sort) => setAsked(sort === usual ? '' : sort) };
}

/** The same order from the other end. */
export const turned = (sort: string) => (sort.startsWith('-') ? sort.slice(1) : `-${sort}`);
