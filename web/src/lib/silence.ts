/** The interval after the last reading’s has to end before its reading can come: then three are missing. */
const missedIntervals = 4;

const shortestMs = 120_000;

/** Whether readings that should have come by now did not, as the service reckons too. `last` is the start of the newest one's interval. */
export const isSilentSince = (last: Date, intervalSeconds: number, now: Date) =>
  now.getTime() - last.getTime() > Math.max(missedIntervals * intervalSeconds * 1000, shortestMs);
