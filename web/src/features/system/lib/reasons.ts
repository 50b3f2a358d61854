const reasons: Record<string, string> = {
  malformed: 'Malformed',
  negative: 'Negative',
  absurd: 'Absurd',
  future: 'In the future',
  too_old: 'Too old',
  unknown_device: 'Unknown device',
  conflicting_duplicate: 'Conflicting duplicate',
  rejected: 'Rejected',
};

/** Why a reading was not accepted, for people. */
export const reasonName = (reason: string) => reasons[reason] ?? reason;
