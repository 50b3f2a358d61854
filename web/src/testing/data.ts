import { tz } from '@date-fns/tz';
import { addHours, format, startOfDay } from 'date-fns';
import type { RangeConsumption } from '@/features/consumption/api/range';
import type { Forecast } from '@/features/forecast/api/forecast';
import type { Device } from '@/features/devices/api/devices';
import type { RegisteredDevice } from '@/features/devices/api/registry';
import type { Mapping } from '@/features/mappings/api/mappings';
import type { SessionUser } from '@/features/session/api/session';
import type { Saga, SagaStep } from '@/features/system/api/sagas';
import type { Account, Person } from '@/features/users/api/accounts';
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
  tariffs: [],
  direction: 'consumption',
  feed_in_of: null,
};

export const office: Device = {
  id: '22222222-0000-4000-8000-000000000000',
  name: 'Office',
  description: '',
  max_consumption: 0,
  price: null,
  time_zone: 'Asia/Kolkata',
  reporting_interval_seconds: 600,
  tariffs: [],
  direction: 'consumption',
  feed_in_of: null,
};

/** Somebody's account and profile. */
export const personOf = (number: number, username: string, more: Partial<Person> = {}): Person => ({
  id: `c0000000-0000-7000-8000-00000000000${number}`,
  username,
  role: 'client',
  fname: null,
  lname: null,
  email: null,
  phone: null,
  created_at: '2026-11-01T09:00:00Z',
  updated_at: '2026-11-01T09:00:00Z',
  ...more,
});

export const carol = personOf(1, 'carol', { fname: 'Carol', lname: 'Berg', email: 'carol@example.com' });
export const dora = personOf(2, 'dora', { role: 'admin' });

export const accountOf = ({ id, username, role, created_at }: Person, more: Partial<Account> = {}): Account => ({
  id,
  username,
  role,
  created_at,
  ...more,
});

export const registered = (device: Device, more: Partial<RegisteredDevice> = {}): RegisteredDevice => ({
  ...device,
  external_id: null,
  created_at: '2026-11-01T09:00:00Z',
  updated_at: '2026-11-01T09:00:00Z',
  settings: [],
  meters: [],
  register_digits: null,
  ...more,
});

export const mappingOf = ({ id, username }: Person, device: Device): Mapping => ({
  id: `${id} ${device.id}`,
  user_id: id,
  device_id: device.id,
  user_username: username,
  device_name: device.name,
  assigned_at: '2026-11-02T12:00:00Z',
  is_assigned: true,
  time_zone: device.time_zone,
  periods: [{ from: '2026-11-02T12:00:00Z', until: null }],
});

/** The registration of carol, as it stands. */
export const sagaOf = (state: string, steps: Partial<SagaStep>[] = [], more: Partial<Saga> = {}): Saga => ({
  id: '5a6a0000-0000-7000-8000-000000000001',
  type: 'registration',
  subject: carol.id,
  username: carol.username,
  state,
  steps: steps.map((step) => ({
    name: 'login',
    state: 'pending',
    attempts: 1,
    undo_attempts: 0,
    error: null,
    started_at: null,
    ended_at: null,
    ...step,
  })),
  attempts: 1,
  last_error: null,
  started_at: '2026-11-20T08:29:58Z',
  deadline: '2026-11-20T08:30:08Z',
  next_attempt_at: null,
  finished_at: null,
  actor_id: null,
  actor: 'admin',
  trace_id: null,
  ...more,
});

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
      ...sent(device, fill(hours.length), 6),
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
    dates.map((date) => ({ date, ...sent(device, fill(date), 144) })),
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
  total_cost: data.some(({ cost }) => cost !== null) ? data.reduce((total, { cost }) => total + (cost ?? 0), 0) : null,
  unpriced_consumption: data.reduce((total, entry) => total + (entry.cost === null ? entry.total_consumption : 0), 0),
  base_cost: null,
  currency: null,
  direction: device.direction,
});

/** The forecast of a month of which half is measured, without a budget. */
export const forecastOf = ({ id, time_zone }: Device, more: Partial<Forecast> = {}): Forecast => ({
  device_id: id,
  month: '2026-11',
  time_zone,
  reason: null,
  total_consumption: 120,
  total_cost: 60,
  expected_consumption: 240,
  low_consumption: 220,
  high_consumption: 260,
  expected_cost: 120,
  low_cost: 110,
  high_cost: 130,
  unpriced_consumption: 0,
  missing_hours: 0,
  history_hours: 2016,
  accuracy: { months: 3, error: 0.0412, naive_error: 0.0731, coverage: 0.81 },
  currency: null,
  budget: null,
  ...more,
});

const sent = ({ price, direction }: Device, { energy, readings }: Filling, expected: number) => ({
  cost: price === null || readings === 0 ? null : energy * (direction === 'production' ? -price : price),
  total_consumption: energy,
  measurement_count: readings,
  expected_count: expected,
  is_measured: readings > 0,
  is_expected: expected > 0,
});

export const full = (energy: number): Filling => ({ energy, readings: 6 });
export const fullDay = (energy: number): Filling => ({ energy, readings: 144 });
export const nothing: Filling = { energy: 0, readings: 0 };
