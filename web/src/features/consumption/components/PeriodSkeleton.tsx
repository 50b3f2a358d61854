import { Skeleton } from '@/components/ui/Skeleton';

const heights = [22, 18, 16, 16, 18, 24, 42, 58, 50, 38, 34, 36, 44, 40, 36, 36, 48, 64, 82, 92, 84, 66, 46, 30];

/** The shape of a period before its first figures come. */
export function PeriodSkeleton() {
  return (
    <div role="status" className="card p-5 lg:p-7">
      <span className="sr-only">Loading the consumption</span>
      <Skeleton className="h-4 w-24" />
      <Skeleton className="mt-3 h-12 w-48" />
      <ChartSkeleton className="mt-8 h-72 lg:h-80" />
    </div>
  );
}

export function ChartSkeleton({ className }: { className: string }) {
  return (
    <div aria-hidden="true" className={`flex animate-pulse items-end gap-[1.3%] ${className}`}>
      {heights.map((height, hour) => (
        <span key={hour} className="grow rounded-t-md bg-sunken" style={{ height: `${height}%` }} />
      ))}
    </div>
  );
}
