import { CloudOff, TriangleAlert } from 'lucide-react';
import { ApiError, isUnreachable } from '@/api/client';
import { Button } from './Button';
import { StateMessage } from './StateMessage';

interface Props {
  error: Error;
  /** 1 when it is all that the page has. */
  level?: 1 | 2;
  retrying: boolean;
  onRetry: () => void;
}

/** Something could not be loaded and there is nothing older to show. */
export function ErrorState({ error, level = 1, retrying, onRetry }: Props) {
  const away = isUnreachable(error);
  // A service that is there may say what isn't.
  const said = away && error instanceof ApiError ? (error.problem.detail ?? undefined) : undefined;

  return (
    <StateMessage
      role="alert"
      level={level}
      tone="alert"
      icon={away ? CloudOff : TriangleAlert}
      title={away && said === undefined ? 'The server can’t be reached' : 'This could not be loaded'}
      action={
        <Button busy={retrying} onClick={onRetry}>
          Try again
        </Button>
      }
    >
      {away
        ? `${said ?? 'It may be restarting, or your connection is down.'} This page tries again by itself every few seconds.`
        : error.message}
    </StateMessage>
  );
}
