import { formatPrice } from '@/lib/energy';
import { formatClock, formatDay } from '@/lib/zone';
import type { DeviceTariff, TariffPrices, TariffTime } from '../api/tariffs';

/** Monday to Sunday, as the viewer's language calls them. 5 January 2026 was a Monday. */
export const weekdayName = (day: number) => formatDay(`2026-01-${String(day + 4).padStart(2, '0')}`, { weekday: 'short' });

export const monthName = (month: number) => formatDay(`2026-${String(month).padStart(2, '0')}-01`, { month: 'short' });

/** For example `22:00–06:00, Mon–Fri, Nov–Feb`. */
export const timeInWords = ({ from_hour, until_hour, weekdays, months }: TariffTime) =>
  [
    (from_hour > 0 || until_hour < 24) && `${formatClock(from_hour, 0)}–${formatClock(until_hour, 0)}`,
    stretches(weekdays, 7, weekdayName),
    stretches(months, 12, monthName),
  ]
    .filter(Boolean)
    .join(', ') || 'always';

/** Prices as lines: the usual one, those of certain times, and base prices. */
export const pricesInWords = (prices: TariffPrices, currency: string) => [
  `${formatPrice(prices.unit_price, currency)} per kWh`,
  ...prices.times.map((time) => `${formatPrice(time.unit_price, currency)} per kWh ${timeInWords(time)}`),
  ...(prices.feed_in_price == null ? [] : [`${formatPrice(prices.feed_in_price, currency)} per kWh paid for production`]),
  ...(prices.base_price_per_day > 0 ? [`${formatPrice(prices.base_price_per_day, currency)} a day`] : []),
  ...(prices.base_price_per_month > 0 ? [`${formatPrice(prices.base_price_per_month, currency)} a month`] : []),
];

/** What is valid on a date; the latest entry that has begun. */
export const validOn = <Entry extends { from: string | null }>(entries: readonly Entry[], day: string) =>
  entries.findLast(({ from }) => from === null || from <= day);

export const sinceInWords = (from: string | null) => (from === null ? 'From the beginning' : `Since ${dayInWords(from)}`);

export const dayInWords = (day: string) => formatDay(day, { dateStyle: 'medium' });

/**
 * The list with a tariff from a date on; what would begin on the same date is replaced. What says the same as the entry before is left
 * out, except after one without a beginning: base prices of days before the device was registered count from an explicit date only.
 */
export function withTariff(entries: readonly DeviceTariff[], wanted: DeviceTariff): DeviceTariff[] {
  const kept =
    wanted.from === null ? entries.filter(({ from }) => from !== null) : entries.filter(({ from }) => from !== wanted.from);
  const sorted = [...kept, wanted].toSorted((a, b) => ((a.from ?? '') < (b.from ?? '') ? -1 : 1));

  return sorted.filter(({ tariff_id }, index) => {
    const before = sorted[index - 1];
    return tariff_id !== (before?.tariff_id ?? null) || (tariff_id !== null && before?.from === null);
  });
}

/** Neighbours joined by a dash, around the end of the week or year too: `Nov–Feb`. Nothing where all are meant. */
function stretches(values: readonly number[], most: number, name: (value: number) => string) {
  if (values.length === 0 || values.length === most) return '';

  const known = new Set(values);
  const before = (value: number) => ((value + most - 2) % most) + 1;
  const after = (value: number) => (value % most) + 1;

  return values
    .filter((value) => !known.has(before(value)))
    .map((first) => {
      let last = first;
      while (known.has(after(last))) last = after(last);
      return first === last ? name(first) : `${name(first)}${after(first) === last ? ', ' : '–'}${name(last)}`;
    })
    .join(', ');
}
