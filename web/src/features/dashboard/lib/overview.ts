import { comparePeriods, type FairComparison } from '@/features/consumption/lib/compare';
import type { RangeConsumption } from '@/features/consumption/api/range';
import {
  costWithBase,
  coverage,
  readPeriod,
  type Bar,
  type BarState,
  type PeriodModel,
} from '@/features/consumption/lib/periodModel';
import { hasCost, type Device } from '@/features/devices/api/devices';
import { formatSums, sumEnergy } from '@/lib/energy';
import { quarterOf } from '@/lib/time';
import { offsetIn } from '@/lib/zone';

/** A device's today beside its yesterday and the same weekday a week ago. */
export interface DeviceDay {
  device: Device;
  today: PeriodModel;
  yesterday: FairComparison | null;
  lastWeek: FairComparison | null;
}

type Others = [yesterday: RangeConsumption | undefined, lastWeek: RangeConsumption | undefined];

/** What was read of a range, for as long as it, the device and the quarter of an hour are the same. */
const read = new WeakMap<RangeConsumption, { others: Others; quarter: number; day: DeviceDay }>();

/** Reads a device's day once and not at every drawing: of many devices only those that have news are read anew. */
export function readDeviceDay(device: Device, today: RangeConsumption, [yesterday, lastWeek]: Others, now: Date): DeviceDay {
  const quarter = quarterOf(now);
  const known = read.get(today);

  if (known?.day.device === device && known.quarter === quarter && known.others[0] === yesterday && known.others[1] === lastWeek)
    return known.day;

  const model = readPeriod(today, device.max_consumption, now);
  const beside = (other: RangeConsumption | undefined) =>
    other ? comparePeriods(model, readPeriod(other, device.max_consumption, now)).fair : null;
  const day = { device, today: model, yesterday: beside(yesterday), lastWeek: beside(lastWeek) };

  read.set(today, { others: [yesterday, lastWeek], quarter, day });
  return day;
}

/** Devices whose today is the same hours; only those have sums together. */
export interface Clock {
  /** Identifies it in the address: the zone of its first device. */
  zone: string;
  /** Minutes from UTC now. */
  offset: number;
  days: readonly DeviceDay[];
}

/** Devices by their clocks, those with the most devices first. */
export function byClock(days: readonly DeviceDay[], now: Date): Clock[] {
  const clocks = new Map<string, DeviceDay[]>();

  for (const day of days) {
    const { bars } = day.today;
    const key = [bars[0], bars.at(-1)].map((bar) => Date.parse(bar?.key ?? '')).join(' ');
    const group = clocks.get(key);
    if (group) group.push(day);
    else clocks.set(key, [day]);
  }

  return [...clocks.values()]
    .map((group) => {
      const zone = group[0]?.device.time_zone ?? 'UTC';
      return { zone, offset: offsetIn(zone, now), days: group };
    })
    .toSorted((a, b) => b.days.length - a.days.length || a.offset - b.offset);
}

/** What the chart and its table tell apart: a device, or several together. */
export interface Series {
  key: string;
  name: string;
  /** CSS variable. */
  color: string;
  /** kWh */
  total: number;
  /** Drawn below the axis. */
  produces: boolean;
  /** The feed-in of a two-way meter. */
  isFeedIn: boolean;
  days: readonly DeviceDay[];
}

/** More than these can't be told apart in a stack of bars. */
const mostSeries = 12;

/** One for each device; of many devices the largest by themselves and the others together. */
export function seriesOf(days: readonly DeviceDay[], colors: ReadonlyMap<string, string>): Series[] {
  const one = (day: DeviceDay): Series => ({
    key: day.device.id,
    name: day.device.name,
    color: colors.get(day.device.id) ?? '--device-1',
    total: day.today.total,
    produces: day.today.produces,
    isFeedIn: day.device.feed_in_of !== null,
    days: [day],
  });
  if (days.length <= mostSeries) return days.map(one);

  const directions = new Set(days.map(({ today }) => today.produces)).size;
  const largest = new Set(days.toSorted((a, b) => b.today.total - a.today.total).slice(0, mostSeries - directions));
  const others = days.filter((day) => !largest.has(day));
  const together = (key: string, produces: boolean): Series[] => {
    const some = others.filter(({ today }) => today.produces === produces);
    const name = `${some.length} others${produces ? ' that produce' : ''}`;
    return some.length === 0
      ? []
      : [{ key, name, color: '--ink-faint', total: energyOf(some), produces, isFeedIn: false, days: some }];
  };

  return [...days.filter((day) => largest.has(day)).map(one), ...together('others', false), ...together('producers', true)];
}

/** The hours of series that share a clock. */
export function hoursOf(series: readonly Series[]) {
  const hours = series[0]?.days[0]?.today.bars ?? [];

  return hours.map(({ slot, tick, name, labelled }, index) => ({
    slot,
    tick,
    name,
    labelled,
    parts: series.map((one) => ({ series: one, bar: together(one.days.flatMap(({ today }) => today.bars[index] ?? [])) })),
  }));
}

/** The same hour of several devices as one bar; nothing is known of it only where nothing is known of any. */
function together(bars: readonly Bar[]): Bar | undefined {
  const [first] = bars;
  if (!first || bars.length === 1) return first;

  const measured = bars.flatMap(({ energy }) => (energy === null ? [] : [energy]));
  const all = (state: BarState) => bars.every((bar) => bar.state === state);
  const some = (...states: BarState[]) => bars.some((bar) => states.includes(bar.state));

  return {
    ...first,
    energy: measured.length === 0 ? null : sumEnergy(measured),
    readings: bars.reduce((sum, { readings }) => sum + readings, 0),
    expected: bars.reduce((sum, { expected }) => sum + expected, 0),
    over: bars.some(({ over }) => over),
    state: some('running')
      ? 'running'
      : all('ahead')
        ? 'ahead'
        : all('missing')
          ? 'missing'
          : some('missing', 'incomplete')
            ? 'incomplete'
            : 'complete',
  };
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

export function against(days: readonly DeviceDay[], which: 'yesterday' | 'lastWeek'): Against | null {
  const fair = days.map((day) => day[which]).filter((one) => one !== null);
  if (fair.length === 0) return null;

  return {
    now: sumEnergy(fair.map(({ now }) => now)),
    then: sumEnergy(fair.map(({ then }) => then)),
    devices: fair.length,
  };
}

/** What the devices are: those that consume, the generators, and the feed-ins of two-way meters, whose energy generators may have made. */
export const byDirection = (days: readonly DeviceDay[]) => ({
  consumers: days.filter(({ today }) => !today.produces),
  generators: days.filter(({ today, device }) => today.produces && device.feed_in_of === null),
  feedIns: days.filter(({ today, device }) => today.produces && device.feed_in_of !== null),
});

/** Those whose energy is the figure of the day: what is consumed, and where nothing is, what is produced. */
export function mainOf(days: readonly DeviceDay[]) {
  const { consumers, generators, feedIns } = byDirection(days);
  return [consumers, generators, feedIns].find((some) => some.length > 0) ?? [];
}

export const energyOf = (days: readonly DeviceDay[]) => sumEnergy(days.map(({ today }) => today.total));

/**
 * What it costs, in words, where prices are known, which may not be everywhere, less what is paid for production; and how much of
 * what was expected has been measured.
 */
export function totals(days: readonly DeviceDay[]) {
  const priced = days.filter(({ device }) => hasCost(device));

  // An hour that runs isn't over.
  const finished = days.flatMap(({ today }) => today.bars.filter(({ state }) => state !== 'running' && state !== 'ahead'));

  return {
    coverage: coverage(finished),
    priced: priced.length,
    cost: costOf(priced),
  };
}

const costOf = (days: readonly DeviceDay[]) =>
  formatSums(days.map(({ today }) => ({ cost: netCost(today), currency: today.currency }))) || null;

function netCost(today: PeriodModel) {
  const cost = costWithBase(today);
  return cost !== null && today.produces ? -cost : cost;
}
