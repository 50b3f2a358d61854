import type { FieldValues, Path, UseFormSetError } from 'react-hook-form';
import { ApiError, isUnreachable } from '@/api/client';

/** Takes over what has changed at the server while somebody enters something; what they have entered stays, and stays unsaved. */
export const keepEntries = { keepDirtyValues: true, keepDirty: true, keepErrors: true };

/**
 * Puts the server's errors at the fields that they are about, the first of them in focus. Returns what is left to say about the
 * form as a whole; null when the fields say it all.
 */
export function showProblem<Values extends FieldValues>(
  error: Error,
  fields: readonly Path<Values>[],
  setError: UseFormSetError<Values>,
): string | null {
  if (!(error instanceof ApiError)) return 'Something unexpected went wrong. Try again.';

  const errors = error.problem.errors ?? {};
  const known = fields.filter((field) => errors[field]?.length);
  known.forEach((field, index) => setError(field, { message: errors[field]?.join(' ') ?? '' }, { shouldFocus: index === 0 }));

  const rest = Object.entries(errors).filter(([field]) => !known.includes(field as Path<Values>));
  if (rest.length > 0) return rest.flatMap(([, messages]) => messages).join(' ');
  return known.length > 0 ? null : problemText(error);
}

/** What went wrong, for somebody who can only try again. */
export function problemText(error: unknown) {
  if (error instanceof ApiError) {
    if (error.status === 412)
      return 'Somebody else has changed this meanwhile. You see it as it is now, with what you have entered; look at it and save again.';
    // The call may have arrived all the same: only a service's own words say that nothing has happened.
    if (isUnreachable(error) && error.status !== 503)
      return 'EnergyAspire can’t be reached right now, or its answer was lost. Look whether it is done before you try again.';
    return error.message;
  }

  return 'Something unexpected went wrong. Try again.';
}
