import { Link } from 'react-router';
import { ApiError } from '@/api/client';
import { Banner } from '@/components/ui/Banner';
import { problemText } from '@/lib/formProblem';

/** Why a change didn't happen, and where to see what was undone. */
export function SagaOutcome({ error, text = problemText(error) }: { error: Error; text?: string }) {
  const saga = error instanceof ApiError ? error.problem.saga_id : undefined;

  return (
    <Banner tone="alert">
      {text}
      {saga && (
        <>
          {' '}
          <Link to={`/system/sagas/${saga}`} className="font-semibold underline underline-offset-4">
            See what was undone
          </Link>
        </>
      )}
    </Banner>
  );
}
