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
export function problemText(error: Error) {
  if (error instanceof ApiError) {
    if (error.status === 412)
      return 'Somebody else has changed this meanwhile. You see it as it is now, with what you have entered; look at it and save again.';
    if (isUnreachable(error) && !error.problem.detail)
      return 'EnergyAspire can’t be reached right now. Nothing was changed; try again in a moment.';
    return error.message;
  }

  return 'Something unexpected went wrong. Try again.';
}
