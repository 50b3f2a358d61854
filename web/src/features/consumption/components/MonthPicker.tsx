import { clsx } from 'clsx';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button, IconButton } from '@/components/ui/Button';
import { formatDay, type Day } from '@/lib/zone';

interface Props {
  /** Any day of what is chosen now. */
  selected: Day;
  /** The last day that has begun. */
  last: Day;
  onSelect: (day: Day) => void;
}

const months = Array.from({ length: 12 }, (_, index) => String(index + 1).padStart(2, '0'));
const yearsShown = 12;

/** A year's months to choose from. */
export function MonthPicker({ selected, last, onSelect }: Props) {
  const [year, setYear] = useState(Number(selected.slice(0, 4)));

  return (
    <div className="w-72">
      <div className="flex items-center justify-between">
        <IconButton label="Year before" onClick={() => setYear(year - 1)}>
          <ChevronLeft aria-hidden="true" className="size-5" />
        </IconButton>
        <span aria-live="polite" className="font-semibold tabular-nums">
          {formatDay(`${year}-01-01`, { year: 'numeric' })}
        </span>
        <IconButton label="Year after" disabled={String(year) >= last.slice(0, 4)} onClick={() => setYear(year + 1)}>
          <ChevronRight aria-hidden="true" className="size-5" />
        </IconButton>
      </div>
      <Choices>
        {months.map((month) => {
          const first = `${year}-${month}-01`;
          return (
            <Choice
              key={month}
              name={formatDay(first, { month: 'long', year: 'numeric' })}
              chosen={first.slice(0, 7) === selected.slice(0, 7)}
              disabled={first > last}
              onClick={() => onSelect(first)}
            >
              {formatDay(first, { month: 'short' })}
            </Choice>
          );
        })}
      </Choices>
    </div>
  );
}

/** The last twelve years to choose from. */
export function YearPicker({ selected, last, onSelect }: Props) {
  const latest = Number(last.slice(0, 4));

  return (
    <div className="w-72">
      <Choices>
        {Array.from({ length: yearsShown }, (_, index) => String(latest - yearsShown + 1 + index)).map((year) => (
          <Choice
            key={year}
            name={year}
            chosen={year === selected.slice(0, 4)}
            disabled={false}
            onClick={() => onSelect(`${year}-01-01`)}
          >
            {year}
          </Choice>
        ))}
      </Choices>
    </div>
  );
}

const Choices = ({ children }: { children: ReactNode }) => <div className="mt-1 grid grid-cols-3 gap-1">{children}</div>;

interface ChoiceProps {
  name: string;
  chosen: boolean;
  disabled: boolean;
  onClick: () => void;
  children: ReactNode;
}

const Choice = ({ name, chosen, disabled, onClick, children }: ChoiceProps) => (
  <Button
    tone="quiet"
    aria-pressed={chosen}
    disabled={disabled}
    className={clsx('px-2! tabular-nums', chosen ? 'bg-accent! text-on-accent!' : 'text-ink!')}
    onClick={onClick}
  >
    <span aria-hidden="true">{children}</span>
    <span className="sr-only">{name}</span>
  </Button>
);
