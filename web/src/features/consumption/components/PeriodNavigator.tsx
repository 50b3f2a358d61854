import { clsx } from 'clsx';
import { CalendarDays, ChevronLeft, ChevronRight } from 'lucide-react';
import { Popover } from 'radix-ui';
import { lazy, Suspense, useState } from 'react';
import { Button, IconButton } from '@/components/ui/Button';
import { Skeleton } from '@/components/ui/Skeleton';
import { stepDay, type Day } from '@/lib/zone';
import { isCurrent, periodName, stepPeriod, type Period, type Span } from '../lib/period';
import { MonthPicker, YearPicker } from './MonthPicker';

const Calendar = lazy(() => import('@/components/ui/Calendar'));

interface Props {
  period: Period;
  today: Day;
  onChange: (wish: { span?: Span; day: Day }) => void;
}

const presets: { name: string; span: Span; back: number }[] = [
  { name: 'Today', span: 'day', back: 0 },
  { name: 'Yesterday', span: 'day', back: 1 },
  { name: 'Last 7 days', span: '7d', back: 0 },
  { name: 'Last 30 days', span: '30d', back: 0 },
  { name: 'Last 365 days', span: '365d', back: 0 },
];

/** Steps through periods by button, by calendar, by preset and back to now. Its keys are those of {@link usePeriodKeys}. */
export function PeriodNavigator({ period, today, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const { span, day } = period;
  const current = isCurrent(period, today);
  const unit = span === 'day' || span === 'month' || span === 'year' ? span : 'period';

  const choose = (wish: { span?: Span; day: Day }) => {
    setOpen(false);
    onChange(wish);
  };

  return (
    <div role="group" aria-label="Period" className="flex items-center gap-1 rounded-2xl border border-line bg-surface p-1">
      <IconButton label={`Previous ${unit}`} hint="ArrowLeft" onClick={() => onChange({ day: stepPeriod(period, -1).day })}>
        <ChevronLeft aria-hidden="true" className="size-5" />
      </IconButton>

      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger asChild>
          <Button tone="quiet" className="min-w-0 grow px-2! text-ink! tabular-nums sm:min-w-44 sm:px-3!">
            <CalendarDays aria-hidden="true" className="size-4 shrink-0 text-ink-faint max-sm:hidden" />
            {periodName(period)}
            <span className="sr-only">, choose another {unit}</span>
          </Button>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            sideOffset={10}
            collisionPadding={12}
            aria-label={`Choose a ${unit}`}
            className="card z-30 flex max-w-[calc(100vw-1.5rem)] flex-col gap-3 p-3 sm:flex-row"
          >
            <ul className="flex gap-1 max-sm:flex-wrap sm:flex-col sm:border-r sm:border-line sm:pr-3">
              {presets.map((preset) => {
                const target = { span: preset.span, day: stepDay(today, -preset.back) };
                const chosen = target.span === span && target.day === day;

                return (
                  <li key={preset.name}>
                    <Button
                      tone="quiet"
                      aria-pressed={chosen}
                      className={clsx('h-9! w-full justify-start! px-3!', chosen && 'bg-accent-soft text-accent!')}
                      onClick={() => choose(target)}
                    >
                      {preset.name}
                    </Button>
                  </li>
                );
              })}
            </ul>
            {span === 'month' ? (
              <MonthPicker selected={day} last={today} onSelect={(chosen) => choose({ day: chosen })} />
            ) : span === 'year' ? (
              <YearPicker selected={day} last={today} onSelect={(chosen) => choose({ day: chosen })} />
            ) : (
              <Suspense fallback={<Skeleton className="h-80 w-72" />}>
                <Calendar selected={day} last={today} onSelect={(chosen) => choose({ day: chosen })} />
              </Suspense>
            )}
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>

      <IconButton
        label={`Next ${unit}`}
        hint="ArrowRight"
        disabled={current}
        onClick={() => onChange({ day: stepPeriod(period, 1).day })}
      >
        <ChevronRight aria-hidden="true" className="size-5" />
      </IconButton>
      <Button
        tone="quiet"
        className="px-2! sm:px-3!"
        disabled={current}
        aria-keyshortcuts="t"
        title={span === 'day' ? 'Today (t)' : 'Now (t)'}
        onClick={() => onChange({ day: today })}
      >
        {span === 'day' ? 'Today' : 'Now'}
      </Button>
    </div>
  );
}
