const names: Record<string, string> = {
  malformed: 'Malformed',
  negative: 'Negative',
  absurd: 'Absurd',
  future: 'In the future',
  too_old: 'Too old',
  unknown_device: 'Unknown device',
  conflicting_duplicate: 'Conflicting duplicate',
  rejected: 'Rejected',
};

/** Every reason why a reading is not accepted. */
export const reasons = Object.keys(names);

/** A reason, for people. */
export const reasonName = (reason: string) => names[reason] ?? reason;

/** What may have changed since it was refused: the clock, the devices that are known, the database. */
const mayPass = ['future', 'unknown_device', 'rejected'];

/** Whether a reading may be accepted when it is tried again. The others are refused again as long as the rules are the same. */
export const canBeRetried = (reason: string) => mayPass.includes(reason);

/** Why a reading was refused, without what only those who wrote the service understand. */
export const detailInWords = (detail: string) =>
  detail
    .replace(/\s*Path: \$\S* \| LineNumber: \d+ \| BytePositionInLine: (\d+)\.?/, (_, at: string) => ` At byte ${at}.`)
    .replace(/\b(\d+) mWh\b/g, (_, mwh: string) => `${Number(mwh) / 1_000_000}\u00a0kWh`);
