import { clsx } from 'clsx';
import { Trash2 } from 'lucide-react';
import { Controller, type Control, type FieldErrors, type UseFormRegister } from 'react-hook-form';
import { Button } from '@/components/ui/Button';
import { SelectField } from '@/components/ui/SelectField';
import { TextField } from '@/components/ui/TextField';
import { formatClock } from '@/lib/zone';
import type { TariffValues, TimeValues } from '../lib/entries';
import { monthName, weekdayName } from '../lib/words';

interface Props {
  name: `prices.${number}.times.${number}`;
  /** Its number among the times of the same prices, from 1. */
  number: number;
  control: Control<TariffValues>;
  register: UseFormRegister<TariffValues>;
  errors: FieldErrors<TimeValues> | undefined;
  onRemove: () => void;
}

const hours = Array.from({ length: 25 }, (_, hour) => hour);
const weekdays = [1, 2, 3, 4, 5, 6, 7];
const months = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/** A time with a price of its own: hours of the day, on some weekdays, in some months. */
export const TimeFields = ({ name, number, control, register, errors, onRemove }: Props) => (
  <fieldset className="grid gap-4 rounded-2xl border border-line p-4">
    <legend className="px-1 text-sm font-semibold text-ink-soft">Time {number}</legend>
    <div className="grid items-start gap-3 sm:grid-cols-3">
      <TextField
        label="Price per kWh"
        inputMode="decimal"
        autoComplete="off"
        error={errors?.unit_price?.message}
        {...register(`${name}.unit_price`)}
      />
      <SelectField label="From" {...register(`${name}.from_hour`)}>
        {hours.slice(0, -1).map((hour) => (
          <option key={hour} value={hour}>
            {formatClock(hour, 0)}
          </option>
        ))}
      </SelectField>
      <SelectField label="Until" error={errors?.until_hour?.message} {...register(`${name}.until_hour`)}>
        {hours.slice(1).map((hour) => (
          <option key={hour} value={hour}>
            {formatClock(hour, 0)}
          </option>
        ))}
      </SelectField>
    </div>
    <Controller
      control={control}
      name={`${name}.weekdays`}
      render={({ field }) => (
        <Choice
          label="Weekdays"
          all="every day"
          values={weekdays}
          chosen={field.value}
          called={weekdayName}
          onChange={field.onChange}
        />
      )}
    />
    <Controller
      control={control}
      name={`${name}.months`}
      render={({ field }) => (
        <Choice label="Months" all="all year" values={months} chosen={field.value} called={monthName} onChange={field.onChange} />
      )}
    />
    <div>
      <Button tone="quiet" onClick={onRemove}>
        <Trash2 aria-hidden="true" className="size-4" />
        Remove time {number}
      </Button>
    </div>
  </fieldset>
);

interface ChoiceProps {
  label: string;
  /** What is meant when nothing is chosen. */
  all: string;
  values: readonly number[];
  chosen: readonly number[];
  called: (value: number) => string;
  onChange: (chosen: number[]) => void;
}

/** Some of a few; none chosen means all. */
const Choice = ({ label, all, values, chosen, called, onChange }: ChoiceProps) => (
  <div role="group" aria-label={label}>
    <p className="mb-1.5 text-sm text-ink-soft">
      {label}
      {chosen.length === 0 && `: ${all}`}
    </p>
    <div className="flex flex-wrap gap-1.5">
      {values.map((value) => {
        const pressed = chosen.includes(value);
        return (
          <button
            key={value}
            type="button"
            aria-pressed={pressed}
            onClick={() =>
              onChange(pressed ? chosen.filter((one) => one !== value) : [...chosen, value].toSorted((a, b) => a - b))
            }
            className={clsx(
              'h-9 min-w-11 rounded-lg border px-2 text-sm',
              pressed ? 'border-accent bg-accent-soft font-semibold text-accent' : 'border-line text-ink-soft hover:bg-sunken',
            )}
          >
            {called(value)}
          </button>
        );
      })}
    </div>
  </div>
);
