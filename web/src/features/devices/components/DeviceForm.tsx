import { zodResolver } from '@hookform/resolvers/zod';
import { useEffect, useState, type ReactNode } from 'react';
import { Controller, useForm } from 'react-hook-form';
import { Banner } from '@/components/ui/Banner';
import { Button } from '@/components/ui/Button';
import { Combobox } from '@/components/ui/Combobox';
import { SelectField } from '@/components/ui/SelectField';
import { TextArea } from '@/components/ui/TextArea';
import { TextField } from '@/components/ui/TextField';
import { useUnsaved } from '@/components/ui/unsaved';
import { currencyOf } from '@/lib/currency';
import { keepEntries, showProblem } from '@/lib/formProblem';
import { readNumber, writeNumber } from '@/lib/number';
import { z } from '@/lib/schema';

/** What is no number is told so, and not that it is too small. */
const number = (least: string, test: (value: number) => boolean) =>
  z
    .string()
    .refine((text) => !Number.isNaN(readNumber(text)), `Enter a number, such as ${writeNumber(2.5)}.`)
    .refine((text) => Number.isNaN(readNumber(text)) || test(readNumber(text)), least);

const schema = z.object({
  external_id: z.string().trim().max(100, 'At most 100 characters.'),
  name: z.string().trim().min(1, 'Enter a name.').max(255, 'At most 255 characters.'),
  description: z.string().max(4000, 'At most 4000 characters.'),
  max_consumption: number('More than 0 kWh, at most 1,000,000.', (value) => value > 0 && value <= 1_000_000),
  price: z
    .string()
    .refine(
      (text) => text.trim() === '' || (readNumber(text) >= 0 && readNumber(text) <= 1_000_000),
      'A number from 0 to 1,000,000, or nothing.',
    ),
  time_zone: z.string().min(1, 'Choose a zone.'),
  reporting_interval_seconds: number(
    '1 to 86,400 whole seconds.',
    (value) => Number.isInteger(value) && value >= 1 && value <= 86_400,
  ),
  direction: z.enum(['consumption', 'production']),
  register_digits: z
    .string()
    .refine(
      (text) => text.trim() === '' || (Number.isInteger(readNumber(text)) && readNumber(text) >= 3 && readNumber(text) <= 12),
      '3 to 12 digits, or nothing.',
    ),
});

/** As entered; numbers are texts until they are sent. */
export type DeviceValues = z.infer<typeof schema>;

const fields = [
  'external_id',
  'name',
  'description',
  'max_consumption',
  'price',
  'time_zone',
  'reporting_interval_seconds',
  'register_digits',
  'direction',
] as const;

/** `UTC` is missing from the browser's list. */
const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

interface Props {
  label: string;
  values: DeviceValues;
  submit: string;
  busy: boolean;
  /** Resolves when it is saved; `release` lets the page be left. */
  onSave: (values: DeviceValues, release: () => void) => Promise<unknown>;
  aside?: ReactNode;
  /** There is something to save, although no entry was changed. */
  ready?: boolean;
  /** It is the feed-in of a two-way meter, which always produces. */
  isFeedIn?: boolean;
}

export function DeviceForm({ label, values, submit, busy, onSave, aside, ready = false, isFeedIn = false }: Props) {
  const [problem, setProblem] = useState<string | null>(null);
  const {
    register,
    control,
    handleSubmit,
    setError,
    reset,
    formState: { errors, isDirty },
  } = useForm<DeviceValues>({ resolver: zodResolver(schema), defaultValues: values });
  const release = useUnsaved(isDirty);

  // What somebody else has changed meanwhile doesn't overwrite what is being entered.
  useEffect(() => reset(values, keepEntries), [reset, values]);

  const save = handleSubmit(async (entered) => {
    setProblem(null);
    try {
      await onSave(entered, release);
      reset(entered);
    } catch (error) {
      setProblem(showProblem(error as Error, fields, setError));
    }
  });

  return (
    <form onSubmit={(event) => void save(event)} noValidate aria-label={label} className="grid gap-5">
      {problem && <Banner tone="alert">{problem}</Banner>}
      <TextField label="Name" autoComplete="off" error={errors.name?.message} {...register('name')} />
      <TextArea label="Description" error={errors.description?.message} {...register('description')} />
      <div className="grid items-start gap-5 sm:grid-cols-2 sm:gap-3">
        <TextField
          label="Limit, kWh per hour"
          inputMode="decimal"
          autoComplete="off"
          hint="Hours above it are marked, and raise an alert."
          error={errors.max_consumption?.message}
          {...register('max_consumption')}
        />
        <TextField
          label={['Price per kWh', currencyOf()].filter(Boolean).join(', ')}
          inputMode="decimal"
          autoComplete="off"
          hint="Nothing, when it isn’t known."
          error={errors.price?.message}
          {...register('price')}
        />
        <Controller
          control={control}
          name="time_zone"
          render={({ field }) => (
            <Combobox
              label="Time zone"
              hint="Where it stands: its days and hours follow that clock."
              options={zones}
              value={field.value}
              onChange={field.onChange}
              onBlur={field.onBlur}
              error={errors.time_zone?.message}
            />
          )}
        />
        <TextField
          label="Seconds between readings"
          inputMode="numeric"
          autoComplete="off"
          hint="Tells how many are expected, and over which hours their energy is spread."
          error={errors.reporting_interval_seconds?.message}
          {...register('reporting_interval_seconds')}
        />
        <SelectField
          label="Direction of its energy"
          hint="The energy of a device that produces is paid for, and is no consumption."
          disabled={isFeedIn}
          error={errors.direction?.message}
          {...register('direction')}
        >
          <option value="consumption">It consumes</option>
          <option value="production">It produces</option>
        </SelectField>
        <TextField
          label="Digits of its register"
          inputMode="numeric"
          autoComplete="off"
          hint="Before the decimal point, for a meter that reports a rising register. Nothing for one that reports the energy of intervals."
          error={errors.register_digits?.message}
          {...register('register_digits')}
        />
      </div>
      <TextField
        label="External id"
        autoComplete="off"
        hint="Its id in another system, by which imports find it; nothing, when it has none."
        error={errors.external_id?.message}
        {...register('external_id')}
      />
      {aside}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" tone="primary" busy={busy} disabled={!isDirty && !ready}>
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
