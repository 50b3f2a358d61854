import { Skeleton } from './Skeleton';

/** What a page of one thing and what belongs to it looks like before it has come. */
export const DetailSkeleton = ({ what }: { what: string }) => (
  <div role="status">
    <span className="sr-only">Loading {what}</span>
    <Skeleton className="mb-6 h-9 w-56" />
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <Skeleton className="h-96 rounded-card!" />
      <Skeleton className="h-64 rounded-card!" />
    </div>
  </div>
);
