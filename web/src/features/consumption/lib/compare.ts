import type { Bar, PeriodModel } from './periodModel';

/** A period laid beside another one. */
export interface ComparedPeriod {
  /** kWh of the other period for each bar of this one; null where it has none. */
  energies: (number | null)[];
  /** What can fairly be compared; null when nothing can. */
  fair: FairComparison | null;
}

/** Sums over the bars that are over and well measured in both periods: an unfinished period is compared up to where it is. */
export interface FairComparison {
  /** kWh */
  now: number;
  /** kWh */
  then: number;
  /** Bars that both sums are of. */
  bars: number;
  /** The last of them, when the period goes on after it. */
  until: Bar | null;
  /** Finished bars that both periods have, left out because readings are missing in either. */
  leftOut: number;
}

/** Less of the readings than this, and a sum says more about the meter's connection than about consumption. */
const wellMeasured = 0.9;

/** Bars meet by their slots, so that on days of 23 and 25 hours three o'clock is compared with three o'clock. */
export function comparePeriods(current: PeriodModel, other: PeriodModel): ComparedPeriod {
  const others = new Map(other.bars.map((bar) => [bar.slot, bar]));
  const finished = current.bars.filter(({ state }) => state !== 'running' && state !== 'ahead');
  const met = finished.flatMap((bar) => {
    const counterpart = others.get(bar.slot);
    return counterpart ? [[bar, counterpart] as const] : [];
  });
  const pairs = met.filter((pair) => pair.every(isFair));

  return {
    energies: current.bars.map(({ slot }) => others.get(slot)?.energy ?? null),
    fair:
      pairs.length === 0
        ? null
        : {
            now: pairs.reduce((total, [{ energy }]) => total + (energy ?? 0), 0),
            then: pairs.reduce((total, [, { energy }]) => total + (energy ?? 0), 0),
            bars: pairs.length,
            until: finished.length < current.bars.length ? (finished.at(-1) ?? null) : null,
            leftOut: met.length - pairs.length,
          },
  };
}

const isFair = ({ energy, readings, expected, state }: Bar) =>
  energy !== null && state !== 'running' && readings >= wellMeasured * expected;
