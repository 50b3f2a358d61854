import { currencyOf } from './currency';
import { energyParts, energyUnit, formatEnergy, formatMoney } from './energy';
import { formatNumber } from './intl';

/** An axis that ends on a round number, and how values and ticks of it are written. */
export interface Axis {
  /** In what is shown, as are `step` and what `of` returns. */
  max: number;
  step: number;
  name: string;
  /** Where an energy in kWh lies on the axis. */
  of: (kwh: number) => number;
  tick: (value: number) => string;
}

/** How consumption is told: as energy, or as what it costs. */
export interface Measure {
  kind: 'energy' | 'money';
  format: (kwh: number) => string;
  parts: (kwh: number) => { value: string; unit: string };
  /** An axis with room for this energy in kWh. */
  axis: (highest: number) => Axis;
}

const perUnit = { Wh: 1000, kWh: 1, MWh: 0.001 };

export const energy: Measure = {
  kind: 'energy',
  format: (kwh) => formatEnergy(kwh),
  parts: (kwh) => energyParts(kwh),
  axis: (highest) => {
    const unit = energyUnit(niceScale(highest).max);
    const factor = perUnit[unit];
    return { ...niceScale(highest * factor), name: unit, of: (kwh) => trim(kwh * factor), tick };
  },
};

/** By a price per kWh, in the installation's currency. */
export const money = (price: number): Measure => ({
  kind: 'money',
  format: (kwh) => formatMoney(kwh * price),
  parts: (kwh) => ({ value: formatMoney(kwh * price), unit: '' }),
  axis: (highest) => ({ ...niceScale(highest * price), name: currencyOf() ?? '', of: (kwh) => trim(kwh * price), tick }),
});

/** Ends at or above the highest value, in four or five round steps. */
export function niceScale(highest: number) {
  if (highest <= 0) return { max: 1, step: 0.25 };

  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10) * power;

  return { max: trim(Math.ceil(highest / step - 1e-9) * step), step: trim(step) };
}

const tick = (value: number) => formatNumber(trim(value));

// Binary fractions show in no label.
const trim = (value: number) => Number(value.toPrecision(12));
