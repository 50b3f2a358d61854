import { readNumber, writeNumber } from '@/lib/number';
import { z } from '@/lib/schema';
import type { Tariff, TariffChange } from '../api/tariffs';

const highest = 1_000_000;

const price = (least: number, needed: boolean) =>
  z
    .string()
    .refine(
      (text) => (!needed && text.trim() === '') || (readNumber(text) >= least && readNumber(text) <= highest),
      `Enter a number, such as ${writeNumber(0.3215)}${least < 0 ? '' : ', not below 0'}${needed ? '' : ', or nothing'}.`,
    )
    .refine((text) => !/[.,]\d{9,}\s*$/.test(text), 'At most 8 digits after the point.');

const time = z
  .object({
    unit_price: price(-highest, true),
    from_hour: z.string(),
    until_hour: z.string(),
    weekdays: z.array(z.number()),
    months: z.array(z.number()),
  })
  .refine(({ from_hour, until_hour }) => from_hour !== until_hour, {
    path: ['until_hour'],
    message: 'It ends at another hour than it begins.',
  });

const prices = z.object({
  from: z.string(),
  unit_price: price(-highest, true),
  base_price_per_day: price(0, false),
  base_price_per_month: price(0, false),
  feed_in_price: price(-highest, false),
  times: z.array(time),
});

export const schema = z
  .object({
    name: z.string().trim().min(1, 'Enter a name.').max(255, 'At most 255 characters.'),
    currency: z.string().regex(/^[A-Z]{3}$/, 'Three capital letters, such as EUR.'),
    valid_until: z.string(),
    prices: z.array(prices),
  })
  .superRefine(({ prices: all }, context) => {
    all.forEach(({ from }, index) => {
      if (index > 0 && from === '')
        context.addIssue({ code: 'custom', path: ['prices', index, 'from'], message: 'Choose a day.' });
      else if (index > 0 && from <= (all[index - 1]?.from ?? ''))
        context.addIssue({ code: 'custom', path: ['prices', index, 'from'], message: 'A day after that of the prices before.' });
    });
  });

/** As entered; numbers are texts until they are sent. The prices are in the order of time. */
export type TariffValues = z.infer<typeof schema>;
export type PricesValues = TariffValues['prices'][number];
export type TimeValues = PricesValues['times'][number];

export const noPrices: PricesValues = {
  from: '',
  unit_price: '',
  base_price_per_day: '',
  base_price_per_month: '',
  feed_in_price: '',
  times: [],
};
export const aNight: TimeValues = { unit_price: '', from_hour: '22', until_hour: '6', weekdays: [], months: [] };

const amount = (value: number) => (value === 0 ? '' : writeNumber(value));

export const toEntries = ({ name, currency, valid_until, prices: all }: Tariff): TariffValues => ({
  name,
  currency,
  valid_until: valid_until ?? '',
  prices: all.map((one) => ({
    from: one.from ?? '',
    unit_price: writeNumber(one.unit_price),
    base_price_per_day: amount(one.base_price_per_day),
    base_price_per_month: amount(one.base_price_per_month),
    feed_in_price: one.feed_in_price == null ? '' : writeNumber(one.feed_in_price),
    times: one.times.map((part) => ({
      unit_price: writeNumber(part.unit_price),
      from_hour: String(part.from_hour),
      until_hour: String(part.until_hour),
      weekdays: [...part.weekdays],
      months: [...part.months],
    })),
  })),
});

export const toRequest = ({ name, currency, valid_until, prices: all }: TariffValues): TariffChange => ({
  name,
  currency,
  valid_until: valid_until || null,
  prices: all.map((one) => ({
    from: one.from || null,
    unit_price: readNumber(one.unit_price),
    base_price_per_day: readNumber(one.base_price_per_day || '0'),
    base_price_per_month: readNumber(one.base_price_per_month || '0'),
    feed_in_price: one.feed_in_price.trim() === '' ? null : readNumber(one.feed_in_price),
    times: one.times.map((part) => ({
      unit_price: readNumber(part.unit_price),
      from_hour: Number(part.from_hour),
      until_hour: Number(part.until_hour),
      weekdays: part.weekdays,
      months: part.months,
    })),
  })),
});
