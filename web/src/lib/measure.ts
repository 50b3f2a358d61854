import { currencyOf } from './currency';
import { energyParts, energyUnit, formatEnergy, formatMoney } from './energy';
import { formatNumber } from './intl';

/** An axis that ends on a round number, and how values and ticks of it are written. */
export interface Axis {
  /** In what is shown, as are `step` and what `of` returns. */
  max: number;
  step: number;
  name: string;
  /** Where an amount lies on the axis. */
  of: (amount: number) => number;
  tick: (value: number) => string;
}

/** How consumption is told: as energy in kWh, or as what it cost. */
export interface Measure {
  kind: 'energy' | 'money';
  format: (amount: number) => string;
  parts: (amount: number) => { value: string; unit: string };
  /** An axis with room for this amount. */
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

const measures = new Map<string, Measure>();

/** Costs in a currency, by default the installation's. The same measure for the same currency. */
export function moneyIn(currency?: string | null): Measure {
  const code = currency ?? currencyOf() ?? '';
  const known = measures.get(code);
  if (known) return known;

  const measure: Measure = {
    kind: 'money',
    format: (amount) => formatMoney(amount, code || null),
    parts: (amount) => ({ value: formatMoney(amount, code || null), unit: '' }),
    axis: (highest) => ({ ...niceScale(highest), name: code, of: trim, tick }),
  };
  measures.set(code, measure);
  return measure;
}

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
