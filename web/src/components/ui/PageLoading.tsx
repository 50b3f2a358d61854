import { LoaderCircle } from 'lucide-react';

/** For the moment before the page knows what it will look like. */
export function PageLoading() {
  return (
    <div role="status" className="grid min-h-[60dvh] place-items-center text-ink-faint">
      <LoaderCircle aria-hidden="true" className="size-6 animate-spin" />
      <span className="sr-only">Loading</span>
    </div>
  );
}
