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
