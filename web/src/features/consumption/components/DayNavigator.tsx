import { CalendarDays, ChevronLeft, ChevronRight } from 'lucide-react';
import { Popover } from 'radix-ui';
import { lazy, Suspense, useState } from 'react';
import { Button, IconButton } from '@/components/ui/Button';
import { Skeleton } from '@/components/ui/Skeleton';
import { formatDay, stepDay, type Day } from '@/lib/zone';

const Calendar = lazy(() => import('@/components/ui/Calendar'));

interface Props {
  day: Day;
  today: Day;
  onChange: (day: Day) => void;
}

/** Steps through days by button, by calendar and back to today. Its keys are those of {@link useDayKeys}. */
export function DayNavigator({ day, today, onChange }: Props) {
  const [open, setOpen] = useState(false);

  return (
    <div role="group" aria-label="Day" className="flex items-center gap-1 rounded-2xl border border-line bg-surface p-1">
      <IconButton label="Previous day" hint="ArrowLeft" onClick={() => onChange(stepDay(day, -1))}>
        <ChevronLeft aria-hidden="true" className="size-5" />
      </IconButton>

      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger asChild>
          <Button tone="quiet" className="min-w-44 grow px-3! text-ink!">
            <CalendarDays aria-hidden="true" className="size-4 text-ink-faint" />
            {formatDay(day, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })}
            <span className="sr-only">, choose another day</span>
          </Button>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content sideOffset={10} collisionPadding={12} aria-label="Choose a day" className="card z-30 p-3">
            <Suspense fallback={<Skeleton className="h-80 w-72" />}>
              <Calendar
                selected={day}
                last={today}
                onSelect={(chosen) => {
                  setOpen(false);
                  onChange(chosen);
                }}
              />
            </Suspense>
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>

      <IconButton label="Next day" hint="ArrowRight" disabled={day >= today} onClick={() => onChange(stepDay(day, 1))}>
        <ChevronRight aria-hidden="true" className="size-5" />
      </IconButton>
      <Button
        tone="quiet"
        className="px-3!"
        disabled={day === today}
        aria-keyshortcuts="t"
        title="Today (t)"
        onClick={() => onChange(today)}
      >
        Today
      </Button>
    </div>
  );
}
