import { format, parseISO } from 'date-fns';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { DayPicker } from 'react-day-picker';
import { dateFormat } from '@/lib/intl';
import { locale } from '@/lib/locale';
import type { Day } from '@/lib/zone';

interface Props {
  selected: Day;
  /** The last day that can be chosen, shown as today. */
  last: Day;
  onSelect: (day: Day) => void;
}

/** A month to choose a day from, with arrow keys too. Default, because it is loaded when first opened. */
export default function Calendar({ selected, last, onSelect }: Props) {
  const end = parseISO(last);

  return (
    <DayPicker
      mode="single"
      required
      autoFocus
      selected={parseISO(selected)}
      defaultMonth={parseISO(selected)}
      today={end}
      endMonth={end}
      disabled={{ after: end }}
      weekStartsOn={firstWeekday()}
      onSelect={(day: Date) => onSelect(format(day, 'yyyy-MM-dd'))}
      labels={{
        labelDayButton: (day, { today, selected: chosen }) =>
          [today && 'Today', dateFormat({ dateStyle: 'full' }).format(day), chosen && 'selected'].filter(Boolean).join(', '),
      }}
      formatters={{
        formatCaption: (month) => dateFormat({ month: 'long', year: 'numeric' }).format(month),
        formatWeekdayName: (day) => dateFormat({ weekday: 'short' }).format(day),
      }}
      components={{
        Chevron: ({ orientation }) =>
          orientation === 'left' ? <ChevronLeft className="size-5" /> : <ChevronRight className="size-5" />,
      }}
      classNames={{
        root: 'relative',
        month_caption: 'flex h-10 items-center px-2 font-semibold',
        nav: 'absolute top-0 right-0 flex gap-1',
        button_previous: 'grid size-10 place-items-center rounded-lg text-ink-soft hover:bg-sunken aria-disabled:opacity-40',
        button_next: 'grid size-10 place-items-center rounded-lg text-ink-soft hover:bg-sunken aria-disabled:opacity-40',
        month_grid: 'mt-1',
        weekday: 'size-10 text-xs font-medium text-ink-faint',
        day: 'p-0 text-center text-sm',
        day_button: 'size-10 rounded-lg tabular-nums hover:bg-sunken disabled:opacity-35',
        today: 'font-bold text-accent',
        selected: '[&>button]:bg-accent [&>button]:text-on-accent [&>button]:font-semibold',
      }}
    />
  );
}

type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** The day on which weeks start where the viewer lives; Monday where the browser doesn't know. */
function firstWeekday(): Weekday {
  const region = new Intl.Locale(locale()) as Intl.Locale & { getWeekInfo?: () => { firstDay: number } };
  return ((region.getWeekInfo?.().firstDay ?? 1) % 7) as Weekday;
}
