import { tz } from '@date-fns/tz';
import { addHours, format, startOfDay } from 'date-fns';
import type { DailyConsumption } from '@/features/consumption/api/daily';
import type { Device } from '@/features/devices/api/devices';
import type { SessionUser } from '@/features/session/api/session';

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

/** A day as the service tells it, with as many hours as the zone gives it; `fill` says what the meter sent in each. */
export function dayOf(device: Device, date: string, fill: (index: number) => Filling): DailyConsumption {
  const context = { in: tz(device.time_zone) };
  const day = startOfDay(`${date}T12:00:00Z`, context);
  const hours: DailyConsumption['hourly_data'] = [];

  for (let start = day; format(start, 'yyyy-MM-dd', context) === date; start = addHours(start, 1, context)) {
    const { energy, readings } = fill(hours.length);

    hours.push({
      hour: Number(format(start, 'H', context)),
      start: format(start, "yyyy-MM-dd'T'HH:mm:ssxxx", context),
      total_consumption: energy,
      measurement_count: readings,
      expected_count: 6,
    });
  }

  return {
    device_id: device.id,
    date,
    time_zone: device.time_zone,
    hourly_data: hours,
    total_daily_consumption: hours.reduce((total, hour) => total + hour.total_consumption, 0),
    measurement_count: hours.reduce((total, hour) => total + hour.measurement_count, 0),
    expected_count: hours.length * 6,
  };
}

export const full = (energy: number): Filling => ({ energy, readings: 6 });
export const nothing: Filling = { energy: 0, readings: 0 };
