import { CalendarDays, ChevronLeft, ChevronRight } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { Button, IconButton } from '@/components/ui/Button';
import { MonthPicker } from '@/features/consumption/components/MonthPicker';
import { stepMonth } from '@/lib/zone';
import { monthName } from '../lib/words';

interface Props {
  /** `YYYY-MM` */
  month: string;
  /** The running month. */
  last: string;
  onChange: (month: string) => void;
}

export function MonthChooser({ month, last, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const step = (months: number) => onChange(stepMonth(`${month}-01`, months).slice(0, 7));

  return (
    <div
      role="group"
      aria-label="Month"
      className="flex items-center gap-1 rounded-2xl max-sm:w-full border border-line bg-surface p-1"
    >
      <IconButton label="Previous month" onClick={() => step(-1)}>
        <ChevronLeft aria-hidden="true" className="size-5" />
      </IconButton>
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger asChild>
          <Button tone="quiet" className="min-w-0 grow px-2! text-ink! sm:min-w-44 sm:px-3!">
            <CalendarDays aria-hidden="true" className="size-4 shrink-0 text-ink-faint max-sm:hidden" />
            {monthName(month)}
            <span className="sr-only">, choose another month</span>
          </Button>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            sideOffset={10}
            collisionPadding={12}
            aria-label="Choose a month"
            className="card z-30 max-w-[calc(100vw-1.5rem)] p-3"
          >
            <MonthPicker
              selected={`${month}-01`}
              last={`${last}-01`}
              onSelect={(day) => {
                setOpen(false);
                onChange(day.slice(0, 7));
              }}
            />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      <IconButton label="Next month" disabled={month >= last} onClick={() => step(1)}>
        <ChevronRight aria-hidden="true" className="size-5" />
      </IconButton>
    </div>
  );
}
