/** Fewer gaps than these tell nothing. */
const leastGaps = 6;

/** A gap differs from another by less than this share of it where only the meter's clock is meant. */
const tolerance = 0.2;

/**
 * The seconds between a meter's readings as they come; null for few readings, or for ones that come at no regular distance.
 * A missing reading changes nothing: its gap is one of few.
 */
export function seenInterval(moments: readonly number[]) {
  const times = moments.toSorted((a, b) => a - b);
  const gaps = times.slice(1).map((time, index) => (time - (times[index] ?? time)) / 1000);
  const middle = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  const regular = gaps.filter((gap) => Math.abs(gap - middle) <= tolerance * middle).length;

  return gaps.length < leastGaps || middle < 1 || regular < 0.75 * gaps.length ? null : Math.round(middle);
}

/** Whether what is seen is another interval than the one that a device is registered with. */
export const isOtherInterval = (seen: number, registered: number) => Math.abs(seen - registered) > tolerance * registered;
