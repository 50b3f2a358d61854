import { nameInText } from '@/lib/name';
import { formatMoment } from '@/lib/time';
import type { AuditRecord } from '../api/audit';

export const actions: Record<string, string> = {
  signed_in: 'signed in',
  sign_in_failed: 'failed to sign in',
  sign_in_refused: 'was refused sign-in while locked',
  locked_out: 'was locked out after too many failures',
  password_changed: 'changed the password of {user}',
  account_registered: 'registered the account {user}',
  account_imported: 'imported the account {user}',
  account_updated: 'changed the account {user}',
  account_deleted: 'deleted the account {user}',
  account_locked: 'locked the account {user}',
  account_unlocked: 'unlocked the account {user}',
  keys_rotated: 'rotated the signing keys',
  profile_created: 'created the profile of {user}',
  profile_imported: 'imported the profile of {user}',
  profile_updated: 'changed the profile of {user}',
  profile_deleted: 'deleted the profile of {user}',
  profile_creation_undone: 'took back the profile of {user}',
  profile_update_undone: 'took back a change of the profile of {user}',
  profile_deletion_undone: 'restored the profile of {user}',
  device_created: 'created the device {device}',
  device_imported: 'imported the device {device}',
  device_updated: 'changed the device {device}',
  device_meters_changed: 'changed which meters measure for {device}',
  device_tariffs_changed: 'changed the tariffs of {device}',
  device_deleted: 'deleted the device {device}',
  device_assigned: 'assigned {device} to {user}',
  device_unassigned: 'took {device} away from {user}',
  mapping_periods_changed: 'changed when {device} belonged to {user}',
  tariff_created: 'added the tariff {tariff}',
  tariff_updated: 'changed the tariff {tariff}',
  tariff_deleted: 'deleted the tariff {tariff}',
  hours_repaired: 'counted hours of {device} anew',
  readings_imported: 'imported readings of {device}',
  reading_replayed: 'had a quarantined reading tried again',
  readings_replayed: 'had quarantined readings tried again',
  reading_accepted: 'accepted a reading of a register',
  reading_discarded: 'discarded a quarantined reading',
  readings_discarded: 'discarded quarantined readings',
  dead_letters_replayed: 'had failed events tried again',
};

/** A record as a sentence without its subject. Who and what are gone are called as the record remembers them. */
export function sentence(record: AuditRecord, names: ReadonlyMap<string, string> | undefined) {
  const called = (id: string | null | undefined, remembered: string) =>
    id == null
      ? 'nobody'
      : nameInText(names?.get(id) ?? (rememberedName(record, remembered) || `one that is gone (…${id.slice(-8)})`));

  return (actions[record.action] ?? record.action.replaceAll('_', ' '))
    .replace('{user}', called(record.user_id, 'username'))
    .replace('{device}', called(record.device_id, 'name'))
    .replace('{tariff}', nameInText(rememberedName(record, 'name')));
}

const rememberedName = ({ before, after }: AuditRecord, field: string) => text(after, field) || text(before, field);

/** What records remember of the names of who and what is gone, by id. */
export function rememberedNames(records: readonly AuditRecord[]): ReadonlyMap<string, string> {
  return new Map(
    records.flatMap((record) =>
      (
        [
          [record.user_id, 'username'],
          [record.device_id, 'name'],
        ] as const
      ).flatMap(([id, field]) => {
        const name = rememberedName(record, field);
        return id && name ? [[id, name] as const] : [];
      }),
    ),
  );
}

/** What a change changed: `price 0.3 → 0.32`. */
export function changes({ before, after }: AuditRecord) {
  const [old, now] = [fields(before), fields(after)];
  if (!old || !now) return [];

  return Object.keys(now)
    .filter((field) => JSON.stringify(old[field]) !== JSON.stringify(now[field]))
    .map((field) => `${words(field)} ${show(old[field])} → ${show(now[field])}`);
}

const fields = (value: unknown) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null);
const text = (value: unknown, field: string) => {
  const found = fields(value)?.[field];
  return typeof found === 'string' ? found : '';
};
const showFields = (value: unknown) => {
  const known = Object.entries(fields(value) ?? {}).filter(([, one]) => one !== null);
  return known.length === 0 ? 'always' : known.map(([field, one]) => `${words(field)} ${show(one)}`).join(', ');
};
const words = (field: string) =>
  field
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();

function show(value: unknown): string {
  if (Array.isArray(value))
    return value.length === 0 ? 'nothing' : value.map((one) => (fields(one) ? showFields(one) : show(one))).join('; ');
  if (value === undefined || value === null || value === '') return 'nothing';
  if (typeof value !== 'string') return JSON.stringify(value);
  if (!/^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(value)) return value;

  // A lock without an end ends in the year 9999.
  return value.startsWith('9999-') ? 'further notice' : formatMoment(new Date(value));
}
