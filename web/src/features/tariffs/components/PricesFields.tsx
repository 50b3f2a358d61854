import { Plus, Trash2 } from 'lucide-react';
import { useFieldArray, type Control, type FieldErrors, type UseFormRegister } from 'react-hook-form';
import { Button } from '@/components/ui/Button';
import { TextField } from '@/components/ui/TextField';
import { aNight, type PricesValues, type TariffValues } from '../lib/entries';
import { TimeFields } from './TimeFields';

interface Props {
  index: number;
  control: Control<TariffValues>;
  register: UseFormRegister<TariffValues>;
  errors: FieldErrors<PricesValues> | undefined;
  /** Absent where these are the only prices. */
  onRemove: (() => void) | undefined;
}

/** Prices from a day on. */
export function PricesFields({ index, control, register, errors, onRemove }: Props) {
  const name = `prices.${index}` as const;
  const times = useFieldArray({ control, name: `${name}.times` });

  return (
    <div className="grid gap-4">
      <div className="grid items-start gap-3 sm:grid-cols-2">
        <TextField
          type="date"
          label="Valid from"
          hint={
            index === 0
              ? 'At midnight where the device is. Without a day, from the beginning.'
              : 'At midnight where the device is.'
          }
          error={errors?.from?.message}
          {...register(`${name}.from`)}
        />
        <TextField
          label="Price per kWh"
          inputMode="decimal"
          autoComplete="off"
          hint="At all times but those below."
          error={errors?.unit_price?.message}
          {...register(`${name}.unit_price`)}
        />
        <TextField
          label="Base price a month"
          inputMode="decimal"
          autoComplete="off"
          hint="Whatever is consumed. Nothing, when there is none."
          error={errors?.base_price_per_month?.message}
          {...register(`${name}.base_price_per_month`)}
        />
        <TextField
          label="Base price a day"
          inputMode="decimal"
          autoComplete="off"
          hint="Whatever is consumed. Nothing, when there is none."
          error={errors?.base_price_per_day?.message}
          {...register(`${name}.base_price_per_day`)}
        />
        <TextField
          label="Feed-in price per kWh"
          inputMode="decimal"
          autoComplete="off"
          hint="Paid for what devices produce. Nothing, when nothing is paid."
          error={errors?.feed_in_price?.message}
          {...register(`${name}.feed_in_price`)}
        />
      </div>
      {times.fields.map((field, number) => (
        <TimeFields
          key={field.id}
          name={`${name}.times.${number}`}
          number={number + 1}
          control={control}
          register={register}
          errors={errors?.times?.[number]}
          onRemove={() => times.remove(number)}
        />
      ))}
      {times.fields.length > 1 && <p className="text-xs text-ink-faint">Where several times apply, the first one counts.</p>}
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => times.append(aNight)}>
          <Plus aria-hidden="true" className="size-4" />
          Add a time with another price
        </Button>
        {onRemove && (
          <Button tone="quiet" onClick={onRemove}>
            <Trash2 aria-hidden="true" className="size-4" />
            Remove these prices
          </Button>
        )}
      </div>
    </div>
  );
}
