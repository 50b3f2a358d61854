import type { QueryClient, QueryKey } from '@tanstack/react-query';

/** The keys of one kind of answer: `all` finds every one that is loaded, `of` is the key of one. */
const family = <Name extends string>(name: Name) => ({
  all: [name] as const,
  of: <Parts extends readonly unknown[]>(...parts: Parts) => [name, ...parts] as const,
});

/** Every key of the query cache is made here, so that who asks and who invalidates can't disagree. */
export const keys = {
  account: family('account'),
  alerts: family('alerts'),
  audit: family('audit'),
  balance: family('balance'),
  budgets: family('budgets'),
  consumption: family('consumption'),
  deadLetters: family('dead-letters'),
  devices: family('devices'),
  forecast: family('forecast'),
  health: family('health'),
  ledger: family('ledger'),
  links: family('links'),
  mappings: family('mappings'),
  names: family('names'),
  people: family('people'),
  profile: family('profile'),
  quarantine: family('quarantine'),
  quarantineSummary: family('quarantine-summary'),
  readings: family('readings'),
  registered: family('registered'),
  registry: family('registry'),
  reporting: family('reporting'),
  runningSaga: family('running-saga'),
  saga: family('saga'),
  sagas: family('sagas'),
  session: family('session'),
  silentDevices: family('silent-devices'),
  statement: family('statement'),
  tariffs: family('tariffs'),
};

interface Family {
  readonly all: readonly [string];
}

/** Has everything of these kinds asked for again, where it is on the page. */
export const invalidate = (client: QueryClient, ...families: readonly Family[]) =>
  Promise.all(families.map(({ all }) => client.invalidateQueries({ queryKey: all })));

/** Whether a key is of this kind. */
export const isOf = ({ all: [name] }: Family, key: QueryKey) => key[0] === name;

export const consumptionKey = (granularity: string, first: string, last: string, ...deviceIds: string[]) =>
  keys.consumption.of(granularity, first, last, ...deviceIds);

export const readingsKey = (deviceId: string, first: string, last: string) => keys.readings.of(deviceId, { first, last });

/** All stretches of a device's readings that are loaded. */
export const allReadings = (deviceId: string) => keys.readings.of(deviceId);

/** The days that a key made by {@link readingsKey} is of. */
export const daysOfReadings = (key: QueryKey) => (key as ReturnType<typeof readingsKey>)[2];
