const names: Record<string, string> = {
  malformed: 'Malformed',
  negative: 'Negative',
  absurd: 'Absurd',
  future: 'In the future',
  too_old: 'Too old',
  unknown_device: 'Unknown device',
  meter_not_in_use: 'Meter not in use',
  wrong_kind: 'Register or energy',
  register_unclear: 'Register unclear',
  conflicting_duplicate: 'Conflicting duplicate',
  rejected: 'Rejected',
};

/** Every reason why a reading is not accepted. */
export const reasons = Object.keys(names);

/** A reason, for people. */
export const reasonName = (reason: string) => names[reason] ?? reason;
