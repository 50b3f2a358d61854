import { currencyOf } from './currency';
import { numberFormat } from './intl';
import { locale } from './locale';

export type EnergyUnit = 'Wh' | 'kWh' | 'MWh';

const perKwh: Record<EnergyUnit, number> = { Wh: 1000, kWh: 1, MWh: 0.001 };

/** The unit in which an energy reads shortest. Thresholds are where the smaller unit would round up to 1000. */
export function energyUnit(kwh: number): EnergyUnit {
  const size = Math.abs(kwh);

  if (size === 0) return 'kWh';
  if (size < 0.9995) return 'Wh';
  return size < 999.95 ? 'kWh' : 'MWh';
}

/** An energy as number and unit apart, so that they can be set in different sizes. */
export function energyParts(kwh: number, unit = energyUnit(kwh), language = locale()) {
  const value = kwh * perKwh[unit];
  return { value: numberFormat({ maximumFractionDigits: digits(value, unit) }, language).format(value), unit };
}

/** For example `420 Wh`, `12.48 kWh`, `1.2 MWh`, with a no-break space. */
export function formatEnergy(kwh: number, unit = energyUnit(kwh), language = locale()) {
  const parts = energyParts(kwh, unit, language);
  return `${parts.value}\u00a0${parts.unit}`;
}

/** An average power as number and unit apart: watts below a kilowatt. */
export function powerParts(kw: number, language = locale()) {
  const small = Math.abs(kw) < 0.9995;
  const value = small ? kw * 1000 : kw;
  return { value: numberFormat({ maximumFractionDigits: small ? 0 : 2 }, language).format(value), unit: small ? 'W' : 'kW' };
}

/** For example `840 W`, `2.4 kW`, with a no-break space. */
export function formatPower(kw: number, language = locale()) {
  const { value, unit } = powerParts(kw, language);
  return `${value}\u00a0${unit}`;
}

/** The average power of an interval in kW. */
export const powerOf = (kwh: number, seconds: number) => (kwh * 3600) / seconds;

/** How far a value is from another, for example `+12 %` or `−3 %`; null where there is nothing to measure it by. */
export function formatChange(value: number, base: number, language = locale()) {
  if (base <= 0) return null;
  const change = Math.round((value / base - 1) * 100) / 100;
  return numberFormat({ style: 'percent', signDisplay: 'exceptZero' }, language).format(change);
}

/** A share in whole percent, rounded down: one lost reading never shows as 100 %. */
export const formatShare = (share: number, language = locale()) =>
  numberFormat({ style: 'percent' }, language).format(Math.floor(share * 100 + 1e-9) / 100);

/** An amount of money, with its currency where it is known; by default the installation's. */
export const formatMoney = (amount: number, currency?: string | null, language = locale()) =>
  moneyFormat(2, currency ?? currencyOf(), language).format(amount);

/** A price per kWh: as money, with the digits that cents don't have. */
export const formatPrice = (price: number, currency?: string | null, language = locale()) =>
  moneyFormat(6, currency ?? currencyOf(), language).format(price);

/** Amounts as one text, each currency by itself. */
export function formatSums(costs: readonly { cost: number | null; currency: string | null }[]) {
  const known = costs.filter(({ cost }) => cost !== null);
  const currencies = [...new Set(known.map(({ currency }) => currency ?? currencyOf()))];

  return currencies
    .map((code) =>
      formatMoney(sumMoney(known.filter(({ currency }) => (currency ?? currencyOf()) === code).map(({ cost }) => cost)), code),
    )
    .join(' + ');
}

function moneyFormat(most: number, currency: string | undefined, language: string) {
  if (currency === undefined) return numberFormat({ minimumFractionDigits: 2, maximumFractionDigits: most }, language);
  // Not every currency has two digits after the point; an amount has as many as its own.
  return numberFormat({ style: 'currency', currency, ...(most > 2 && { maximumFractionDigits: most }) }, language);
}

const mwhPerKwh = 1_000_000;

/** The sum of energies in kWh, exact: each is a whole number of milliwatt-hours, which binary fractions only come close to. */
export const sumEnergy = (energies: readonly number[]) =>
  energies.reduce((sum, kwh) => sum + Math.round(kwh * mwhPerKwh), 0) / mwhPerKwh;

/** The sum of costs, as exact as prices of up to six digits after the point and whole milliwatt-hours make them. */
export const sumMoney = (costs: readonly (number | null)[]) =>
  Number(costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0).toFixed(12));

/** Two energies that differ, in one unit and with as many digits as it takes to see that they do. */
export function formatApart(kwh: number, other: number, language = locale()): [string, string] {
  const unit = energyUnit(Math.max(Math.abs(kwh), Math.abs(other)));
  const least = Math.max(...[kwh, other].map((one) => digits(one * perKwh[unit], unit)));

  for (let most = least; ; most++) {
    const format = numberFormat({ maximumFractionDigits: most }, language);
    const texts = [kwh, other].map((one) => format.format(one * perKwh[unit]));
    if (texts[0] !== texts[1] || kwh === other || most >= 9) return [`${texts[0]}\u00a0${unit}`, `${texts[1]}\u00a0${unit}`];
  }
}

function digits(value: number, unit: EnergyUnit) {
  const size = Math.abs(value);

  if (unit === 'Wh') return size < 10 ? 1 : 0;
  return size < 100 ? 2 : 1;
}
