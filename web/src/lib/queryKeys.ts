/** The keys of what live updates change: who asks the service and who puts news into the answers share them. */

export const consumptionKey = (granularity: string, first: string, last: string, ...deviceIds: string[]) => [
  'consumption',
  granularity,
  first,
  last,
  ...deviceIds,
];

/** All of the consumption that is loaded. */
export const allConsumption = ['consumption'];

export const readingsKey = (deviceId: string, first: string, last: string) => ['readings', deviceId, { first, last }] as const;

/** All stretches of a device's readings that are loaded. */
export const allReadings = (deviceId: string) => ['readings', deviceId];

/** The days that a key made by {@link readingsKey} is of. */
export const daysOfReadings = (key: readonly unknown[]) => (key as ReturnType<typeof readingsKey>)[2];
