import { afterEach, beforeEach, expect, it } from 'vitest';
import { setCurrency } from '@/lib/currency';
import { schema, toEntries, toRequest } from './lib/entries';
import { pricesInWords, timeInWords, validOn, withTariff } from './lib/words';

beforeEach(() => setCurrency('EUR'));
afterEach(() => setCurrency(undefined));

const night = { unit_price: 0.27, from_hour: 22, until_hour: 6, weekdays: [], months: [] };

it.each([
  [night, '10:00 PM–6:00 AM'],
  [{ ...night, from_hour: 0, until_hour: 24 }, 'always'],
  [{ ...night, from_hour: 0, until_hour: 24, weekdays: [7] }, 'Sun'],
  [{ ...night, until_hour: 24 }, '10:00 PM–12:00 AM'],
  [{ ...night, weekdays: [1, 2, 3, 4, 5] }, '10:00 PM–6:00 AM, Mon–Fri'],
  [{ ...night, weekdays: [1, 6, 7] }, '10:00 PM–6:00 AM, Sat–Mon'],
  [{ ...night, weekdays: [1, 2, 3, 4, 5, 6, 7], months: [1, 2, 11, 12] }, '10:00 PM–6:00 AM, Nov–Feb'],
  [{ ...night, weekdays: [3], months: [4, 5, 9] }, '10:00 PM–6:00 AM, Wed, Apr, May, Sep'],
])('says when a price is valid', (time, words) => expect(timeInWords(time)).toBe(words));

it('says all prices with their currency, and no base price that is 0', () => {
  const prices = {
    from: null,
    unit_price: 0.34,
    times: [night],
    base_price_per_day: 0,
    base_price_per_month: 12.5,
    feed_in_price: 0.08,
  };

  expect(pricesInWords(prices, 'CHF')).toEqual([
    'CHF\u00a00.34 per kWh',
    'CHF\u00a00.27 per kWh 10:00 PM–6:00 AM',
    'CHF\u00a00.08 per kWh paid for production',
    'CHF\u00a012.50 a month',
  ]);
});

it('finds what is valid on a day', () => {
  const entries = [{ from: '2026-01-01' }, { from: '2026-06-01' }];

  expect(validOn(entries, '2025-12-31')).toBeUndefined();
  expect(validOn(entries, '2026-05-31')).toBe(entries[0]);
  expect(validOn(entries, '2026-06-01')).toBe(entries[1]);
  expect(validOn([{ from: null }], '1999-01-01')).toEqual({ from: null });
});

it('puts a tariff where it belongs, replaces one of the same day, and says nothing twice', () => {
  const one = { tariff_id: 'a', from: '2026-01-01' };

  expect(withTariff([], { tariff_id: 'a', from: null })).toEqual([{ tariff_id: 'a', from: null }]);
  expect(withTariff([one], { tariff_id: 'b', from: '2025-01-01' })).toEqual([{ tariff_id: 'b', from: '2025-01-01' }, one]);
  expect(withTariff([one], { tariff_id: 'b', from: '2026-01-01' })).toEqual([{ tariff_id: 'b', from: '2026-01-01' }]);
  expect(withTariff([one], { tariff_id: 'a', from: '2026-05-01' })).toEqual([one]);
  expect(withTariff([one], { tariff_id: null, from: '2026-05-01' })).toEqual([one, { tariff_id: null, from: '2026-05-01' }]);
  expect(withTariff([one], { tariff_id: null, from: '2025-05-01' })).toEqual([one]);
  expect(withTariff([one], { tariff_id: 'a', from: null })).toEqual([{ tariff_id: 'a', from: null }, one]);
});

it('enters and sends a tariff without changing it', () => {
  const tariff = {
    id: 't',
    name: 'Day and night',
    currency: 'EUR',
    valid_until: null,
    created_at: '',
    updated_at: '',
    prices: [
      {
        from: null,
        unit_price: 0.123_456_78,
        times: [night],
        base_price_per_day: 0.1,
        base_price_per_month: 0,
        feed_in_price: 0.0812,
      },
      { from: '2027-01-01', unit_price: -0.5, times: [], base_price_per_day: 0, base_price_per_month: 12, feed_in_price: null },
    ],
  };
  const entries = toEntries(tariff);

  expect(schema.safeParse(entries).success).toBe(true);
  expect(toRequest(entries)).toEqual({ name: tariff.name, currency: 'EUR', valid_until: null, prices: tariff.prices });
});

it.each<[string, { name?: string; currency?: string; prices?: object[] }]>([
  ['name', { name: ' ' }],
  ['currency', { currency: 'eur' }],
  ['prices.0.unit_price', { prices: [{ unit_price: '' }] }],
  ['prices.0.unit_price', { prices: [{ unit_price: '0.123456789' }] }],
  ['prices.0.base_price_per_month', { prices: [{ base_price_per_month: '-1' }] }],
  ['prices.1.from', { prices: [{}, {}] }],
  ['prices.1.from', { prices: [{ from: '2026-02-01' }, { from: '2026-02-01' }] }],
  [
    'prices.0.times.0.until_hour',
    { prices: [{ times: [{ unit_price: '1', from_hour: '5', until_hour: '5', weekdays: [], months: [] }] }] },
  ],
])('names the entry that is wrong: %s', (path, { prices, ...change }) => {
  const usual = { from: '', unit_price: '0.3', base_price_per_day: '', base_price_per_month: '', feed_in_price: '', times: [] };
  const entries = {
    name: 'Tariff',
    currency: 'EUR',
    valid_until: '',
    ...change,
    prices: (prices ?? [{}]).map((one) => ({ ...usual, ...one })),
  };

  expect(schema.safeParse(entries).error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
});
