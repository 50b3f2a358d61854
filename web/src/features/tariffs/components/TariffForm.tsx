import { zodResolver } from '@hookform/resolvers/zod';
import { Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useFieldArray, useForm, useWatch } from 'react-hook-form';
import { Banner } from '@/components/ui/Banner';
import { Button } from '@/components/ui/Button';
import { TextField } from '@/components/ui/TextField';
import { useUnsaved } from '@/components/ui/unsaved';
import { keepEntries, showProblem } from '@/lib/formProblem';
import { noPrices, schema, type TariffValues } from '../lib/entries';
import { dayInWords } from '../lib/words';
import { PricesFields } from './PricesFields';

interface Props {
  label: string;
  values: TariffValues;
  /** The currency of a tariff that is there can't change. */
  isNew: boolean;
  submit: string;
  busy: boolean;
  /** Resolves when it is saved; `release` lets the page be left. */
  onSave: (values: TariffValues, release: () => void) => Promise<unknown>;
}

export function TariffForm({ label, values, isNew, submit, busy, onSave }: Props) {
  const [problem, setProblem] = useState<string | null>(null);
  const {
    register,
    control,
    handleSubmit,
    setError,
    reset,
    formState: { errors, isDirty },
  } = useForm<TariffValues>({ resolver: zodResolver(schema), defaultValues: values });
  const prices = useFieldArray({ control, name: 'prices' });
  const release = useUnsaved(isDirty);

  // What somebody else has changed meanwhile doesn't overwrite what is being entered.
  useEffect(() => reset(values, keepEntries), [reset, values]);

  const save = handleSubmit(async (entered) => {
    setProblem(null);
    try {
      await onSave(entered, release);
      reset(entered);
    } catch (error) {
      setProblem(showProblem(error as Error, ['name', 'currency', 'valid_until'], setError));
    }
  });

  const entered = useWatch({ control, name: 'prices' });
  const last = prices.fields.length - 1;

  return (
    <form onSubmit={(event) => void save(event)} noValidate aria-label={label} className="grid gap-5">
      {problem && <Banner tone="alert">{problem}</Banner>}
      <div className="grid items-start gap-3 sm:grid-cols-[minmax(0,1fr)_10rem]">
        <TextField label="Name" autoComplete="off" error={errors.name?.message} {...register('name')} />
        <TextField
          label="Currency"
          autoComplete="off"
          maxLength={3}
          readOnly={!isNew}
          hint={isNew ? 'It can’t change later.' : 'It can’t change.'}
          error={errors.currency?.message}
          {...register('currency', { setValueAs: (text: string) => text.trim().toUpperCase() })}
        />
      </div>
      {prices.fields.map((field, index) => (
        <details
          key={field.id}
          open={index === last || errors.prices?.[index] !== undefined}
          className="rounded-2xl border border-line p-4"
        >
          <summary className="cursor-pointer rounded font-semibold">
            {entered[index]?.from ? `Prices from ${dayInWords(entered[index].from)}` : 'Prices from the beginning'}
          </summary>
          <div className="mt-4">
            <PricesFields
              index={index}
              control={control}
              register={register}
              errors={errors.prices?.[index]}
              onRemove={last > 0 ? () => prices.remove(index) : undefined}
            />
          </div>
        </details>
      ))}
      <div>
        <Button onClick={() => prices.append({ ...(entered[last] ?? noPrices), from: '' })}>
          <Plus aria-hidden="true" className="size-4" />
          New prices from a day on
        </Button>
        <p className="mt-2 text-xs text-ink-faint">
          What was consumed before that day keeps its cost. Changing prices that are listed already corrects the cost of their
          time.
        </p>
      </div>
      <TextField
        type="date"
        label="Last day"
        hint="Afterwards the tariff has no prices. Without a day it has no end."
        error={errors.valid_until?.message}
        {...register('valid_until')}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" tone="primary" busy={busy} disabled={!isDirty}>
          {busy ? 'Saving…' : submit}
        </Button>
        {isDirty && !busy && (
          <Button tone="quiet" onClick={() => reset(values)}>
            Discard changes
          </Button>
        )}
      </div>
    </form>
  );
}
