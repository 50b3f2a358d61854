import { ApiError, isUnreachable } from '@/api/client';
import { formatMoment } from '@/lib/time';

/** Why signing in failed, and what can be done about it, in words. */
export function signInProblem(error: Error) {
  if (isUnreachable(error))
    return 'EnergyAspire can’t be reached right now. Nothing is wrong with your entry; try again in a moment.';

  if (error instanceof ApiError) {
    if (error.status === 401) return 'That username and password don’t go together. Check both and try again.';
    if (error.status === 429) return lockout(error);
    return Object.values(error.problem.errors ?? {})[0]?.[0] ?? error.message;
  }

  return 'Something unexpected went wrong. Try again.';
}

/** An administrator's lock without an end has no time after which another try makes sense. */
function lockout(error: ApiError) {
  if (error.problem.title !== 'Locked out') return `Too many attempts. ${waitFor(error)}`;
  return error.retryAt === undefined ? error.message : `${error.message} ${waitFor(error)}`;
}

/** When another try makes sense. */
export function waitFor({ retryAfter: seconds, retryAt }: ApiError) {
  if (seconds === undefined || retryAt === undefined) return 'Wait a few minutes, then try again.';
  if (seconds < 90) return `Try again in ${Math.ceil(seconds)} seconds.`;
  if (seconds < 5400) return `Try again in ${Math.ceil(seconds / 60)} minutes.`;
  return `Try again after ${formatMoment(retryAt)}.`;
}
