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
  return { value: value.toLocaleString(language, { maximumFractionDigits: digits(value, unit) }), unit };
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
  return { value: value.toLocaleString(language, { maximumFractionDigits: small ? 0 : 2 }), unit: small ? 'W' : 'kW' };
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
  return change.toLocaleString(language, { style: 'percent', signDisplay: 'exceptZero' });
}

/** A share in whole percent, rounded down: one lost reading never shows as 100 %. */
export const formatShare = (share: number, language = locale()) =>
  (Math.floor(share * 100 + 1e-9) / 100).toLocaleString(language, { style: 'percent' });

/** An amount of money in the installation's currency, which the API doesn't name. */
export const formatMoney = (amount: number, language = locale()) =>
  amount.toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function digits(value: number, unit: EnergyUnit) {
  const size = Math.abs(value);

  if (unit === 'Wh') return size < 10 ? 1 : 0;
  return size < 100 ? 2 : 1;
}
