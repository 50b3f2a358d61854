/** The interval that a reading names by its start has to end first; then two more may go astray. */
const missedIntervals = 4;

const shortestMs = 120_000;

/** Whether readings that should have come by now did not, as the service reckons too. `last` is the start of the newest one's interval. */
export const isSilentSince = (last: Date, intervalSeconds: number, now: Date) =>
  now.getTime() - last.getTime() > Math.max(missedIntervals * intervalSeconds * 1000, shortestMs);
