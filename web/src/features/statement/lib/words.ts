import { timeInWords } from '@/features/tariffs/lib/words';
import { formatMoney, formatPrice, sumEnergy, sumMoney } from '@/lib/energy';
import { currencyOf } from '@/lib/currency';
import { numberFormat } from '@/lib/intl';
import { formatDay, formatDays, type Day } from '@/lib/zone';
import type { BasePriceLine, DeviceStatement, EnergyLine } from '../api/statement';

/** All energies of a statement have one unit and as many digits, so that they can be compared and added up. */
export const formatKwh = (kwh: number) =>
  `${numberFormat({ minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(kwh)}\u00a0kWh`;

export const monthName = (month: string) => formatDay(`${month}-01`, { month: 'long', year: 'numeric' });

export const datesInWords = (first: Day, last: Day) =>
  first === last ? formatDay(first, { dateStyle: 'medium' }) : formatDays(first, last, { dateStyle: 'medium' });

/** Whose price it is. */
export const priceName = ({ tariff, tariff_id, unit_price }: EnergyLine) =>
  tariff ?? (tariff_id !== null ? 'Unknown tariff' : unit_price === null ? 'No price' : 'The device’s own price');

/** The hours that have the price; null for all hours. */
export const timeOfLine = ({ time_of_use: time, is_other_times: others }: EnergyLine) =>
  time ? timeInWords({ ...time, unit_price: 0 }) : others ? 'All other times' : null;

export const unitPriceInWords = ({ unit_price: price }: EnergyLine, currency: string | null) =>
  price === null ? 'No price' : `${formatPrice(price, currency)} per kWh`;

export const basePriceInWords = ({ price_per_day: day, price_per_month: month }: BasePriceLine, currency: string | null) =>
  [
    ...(day > 0 ? [`${formatPrice(day, currency)} a day`] : []),
    ...(month > 0 ? [`${formatPrice(month, currency)} a month`] : []),
  ].join(', ');

export const amountInWords = (amount: number | null, currency: string | null) =>
  amount === null ? '–' : formatMoney(amount, currency);

export interface Total {
  currency: string | null;
  consumption: number;
  /** Of devices with a meter of their own. */
  production: number;
  /** Of the feed-ins of two-way meters. */
  fedIn: number;
  unpriced: number;
  cost: number | null;
  base: number | null;
  amount: number | null;
}

/** Totals of devices, each currency by itself. */
export function totalsOf(devices: readonly DeviceStatement[]): Total[] {
  const codes = [...new Set(devices.map(({ currency }) => currency ?? currencyOf() ?? null))];

  return codes.map((code) => {
    const some = devices.filter(({ currency }) => (currency ?? currencyOf() ?? null) === code);
    const sum = (costs: (number | null)[]) => (costs.every((cost) => cost === null) ? null : sumMoney(costs));

    const energyOf = (isWanted: (device: DeviceStatement) => boolean) =>
      sumEnergy(some.filter(isWanted).map(({ total_consumption: kwh }) => kwh));

    return {
      currency: code,
      consumption: energyOf(({ direction }) => direction !== 'production'),
      production: energyOf(({ direction, feed_in_of: of }) => direction === 'production' && of === null),
      fedIn: energyOf(({ direction, feed_in_of: of }) => direction === 'production' && of !== null),
      unpriced: sumEnergy(some.map(({ unpriced_consumption: kwh }) => kwh)),
      cost: sum(some.map(({ total_cost: cost }) => cost)),
      base: sum(some.map(({ base_cost: cost }) => cost)),
      amount: sum(some.map(({ amount }) => amount)),
    };
  });
}
