import { keepPreviousData } from '@tanstack/react-query';
import type { Page } from '@/api/client';

/** What every query of a long list has: it follows the Link headers, and keeps what it shows while another search runs. */
export const paging = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last: Page<unknown>) => last.next,
  placeholderData: keepPreviousData,
};

/** Rows of a page: few of the first, which somebody waits for, and many of those that are scrolled to. */
export const pageSize = (after: string | undefined) => (after ? 1000 : 100);
