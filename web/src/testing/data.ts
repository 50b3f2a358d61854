import { tz } from '@date-fns/tz';
import { addHours, format, startOfDay } from 'date-fns';
import type { RangeConsumption } from '@/features/consumption/api/range';
import type { Device } from '@/features/devices/api/devices';
import type { SessionUser } from '@/features/session/api/session';
import { stepDay } from '@/lib/zone';

export const alice: SessionUser = { id: 'a11ce000-0000-4000-8000-000000000000', username: 'alice', role: 'client' };

export const admin: SessionUser = { id: 'ad000000-0000-4000-8000-000000000000', username: 'admin', role: 'admin' };

export const heatPump: Device = {
  id: '11111111-0000-4000-8000-000000000000',
  name: 'Heat pump',
  description: 'Utility room',
  max_consumption: 2,
  price: 0.5,
  time_zone: 'Europe/Bucharest',
  reporting_interval_seconds: 600,
};

export const office: Device = {
  id: '22222222-0000-4000-8000-000000000000',
  name: 'Office',
  description: '',
  max_consumption: 0,
  price: null,
  time_zone: 'Asia/Kolkata',
  reporting_interval_seconds: 600,
};

interface Filling {
  /** kWh */
  energy: number;
  readings: number;
}

/** A day by hour as the service tells it, with as many hours as the zone gives it; `fill` says what the meter sent in each. */
export function dayOf(device: Device, date: string, fill: (index: number) => Filling): RangeConsumption {
  const context = { in: tz(device.time_zone) };
  const day = startOfDay(`${date}T12:00:00Z`, context);
  const hours: RangeConsumption['data'] = [];

  for (let start = day; format(start, 'yyyy-MM-dd', context) === date; start = addHours(start, 1, context)) {
    hours.push({
      date,
      hour: Number(format(start, 'H', context)),
      start: format(start, "yyyy-MM-dd'T'HH:mm:ssxxx", context),
      ...sent(fill(hours.length), 6),
    });
  }

  return rangeOf(device, date, date, 'hour', hours);
}

/** Days by hour; `fill` is asked for each hour of each day. */
export const hoursOf = (device: Device, dates: string[], fill: (date: string, index: number) => Filling): RangeConsumption =>
  rangeOf(
    device,
    dates[0] ?? '',
    dates.at(-1) ?? '',
    'hour',
    dates.flatMap((date) => dayOf(device, date, (index) => fill(date, index)).data),
  );

/** Days as the service tells them, of 144 readings each. */
export const daysOf = (device: Device, dates: string[], fill: (date: string) => Filling): RangeConsumption =>
  rangeOf(
    device,
    dates[0] ?? '',
    dates.at(-1) ?? '',
    'day',
    dates.map((date) => ({ date, ...sent(fill(date), 144) })),
  );

/** All dates from one to another. */
export function datesBetween(first: string, last: string) {
  const dates = [first];
  while ((dates.at(-1) ?? last) < last) dates.push(stepDay(dates.at(-1) ?? last, 1));
  return dates;
}

export const rangeOf = (
  device: Device,
  start_date: string,
  end_date: string,
  granularity: RangeConsumption['granularity'],
  data: RangeConsumption['data'],
): RangeConsumption => ({
  device_id: device.id,
  start_date,
  end_date,
  time_zone: device.time_zone,
  granularity,
  data,
  total_consumption: data.reduce((total, entry) => total + entry.total_consumption, 0),
  measurement_count: data.reduce((total, entry) => total + entry.measurement_count, 0),
  expected_count: data.reduce((total, entry) => total + entry.expected_count, 0),
});

const sent = ({ energy, readings }: Filling, expected: number) => ({
  total_consumption: energy,
  measurement_count: readings,
  expected_count: expected,
});

export const full = (energy: number): Filling => ({ energy, readings: 6 });
export const fullDay = (energy: number): Filling => ({ energy, readings: 144 });
export const nothing: Filling = { energy: 0, readings: 0 };
