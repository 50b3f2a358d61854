import { comparePeriods, type FairComparison } from '@/features/consumption/lib/compare';
import type { RangeConsumption } from '@/features/consumption/api/range';
import { coverage, readPeriod, type PeriodModel } from '@/features/consumption/lib/periodModel';
import type { Device } from '@/features/devices/api/devices';

/** A device's today beside its yesterday and the same weekday a week ago. */
export interface DeviceDay {
  device: Device;
  today: PeriodModel;
  yesterday: FairComparison | null;
  lastWeek: FairComparison | null;
}

/** The hours of today by the clock, in order: where it changes today, a device has an hour more or less than others. */
export function hoursOf(days: readonly DeviceDay[]) {
  const hours = new Map(days.flatMap(({ today }) => today.bars.map((bar) => [bar.slot, bar])));

  return [...hours.values()]
    .toSorted((a, b) => parseInt(a.slot) - parseInt(b.slot) || a.slot.length - b.slot.length)
    .map(({ slot, tick, name, labelled }) => ({
      slot,
      tick,
      name,
      labelled,
      parts: days.map(({ device, today }) => ({ device, bar: today.bars.find((bar) => bar.slot === slot) })),
    }));
}

/** Sums of several devices, of what can fairly be compared. */
export interface Against {
  /** kWh */
  now: number;
  /** kWh */
  then: number;
  /** Devices that could be compared. */
  devices: number;
}

export function readDeviceDay(
  device: Device,
  today: RangeConsumption,
  yesterday: RangeConsumption | undefined,
  lastWeek: RangeConsumption | undefined,
  now: Date,
): DeviceDay {
  const model = readPeriod(today, device.max_consumption, now);
  const beside = (other: RangeConsumption | undefined) =>
    other ? comparePeriods(model, readPeriod(other, device.max_consumption, now)).fair : null;

  return { device, today: model, yesterday: beside(yesterday), lastWeek: beside(lastWeek) };
}

export function against(days: readonly DeviceDay[], which: 'yesterday' | 'lastWeek'): Against | null {
  const fair = days.map((day) => day[which]).filter((one) => one !== null);
  if (fair.length === 0) return null;

  return {
    now: fair.reduce((sum, { now }) => sum + now, 0),
    then: fair.reduce((sum, { then }) => sum + then, 0),
    devices: fair.length,
  };
}

/** How much was measured, kWh of all devices, and what it costs where prices are known, which may not be everywhere. */
export function totals(days: readonly DeviceDay[]) {
  const priced = days.filter(({ device }) => device.price !== null);

  // An hour that runs isn't over.
  const finished = days.flatMap(({ today }) => today.bars.filter(({ state }) => state !== 'running' && state !== 'ahead'));

  return {
    coverage: coverage(finished),
    energy: days.reduce((sum, { today }) => sum + today.total, 0),
    priced: priced.length,
    cost: priced.length === 0 ? null : priced.reduce((sum, { device, today }) => sum + today.total * (device.price ?? 0), 0),
  };
}
