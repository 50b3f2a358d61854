import { Link, useParams } from 'react-router';
import { Banner } from '@/components/ui/Banner';
import { ErrorState } from '@/components/ui/ErrorState';
import { PageHeader } from '@/components/ui/PageHeader';
import { PageLoading } from '@/components/ui/PageLoading';
import { Section } from '@/components/ui/Section';
import { formatDuration, formatMoment } from '@/lib/time';
import { useLastError } from '@/lib/useLastError';
import { useSaga } from '../api/sagas';
import { SagaState, typeNames } from '../components/SagaState';
import { SagaSteps } from '../components/SagaSteps';

/** `/system/sagas/:sagaId`: step by step. */
export function Component() {
  const saga = useSaga(useParams().sagaId ?? '');
  const error = useLastError(saga);

  if (error) return <ErrorState error={error} retrying={saga.isFetching} onRetry={() => void saga.refetch()} />;
  if (!saga.data) return <PageLoading />;

  const { type, username, subject, state, actor, started_at, finished_at, deadline, attempts, trace_id, last_error } = saga.data;
  const facts: [string, string][] = [
    ['Asked for by', actor],
    ['Began', formatMoment(new Date(started_at))],
    finished_at
      ? ['Took', formatDuration(Date.parse(finished_at) - Date.parse(started_at))]
      : ['Undone unless done by', formatMoment(new Date(deadline))],
    ['Tries', String(attempts)],
    ['For support', trace_id ?? 'None'],
  ];

  return (
    <>
      <PageHeader
        title={`${typeNames[type] ?? type} of ${username}`}
        badge={<SagaState saga={saga.data} />}
        back={{ to: '/system/sagas', label: 'Account changes' }}
        actions={
          type !== 'deletion' &&
          state === 'completed' && (
            <Link to={`/users/${subject}`} className="text-sm font-semibold text-accent underline underline-offset-4">
              The account
            </Link>
          )
        }
      />
      {last_error && state !== 'completed' && (
        <Banner tone="alert" className="mb-5">
          {last_error}
        </Banner>
      )}
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Section title="Steps" description="Done from top to bottom, undone from bottom to top.">
          <SagaSteps saga={saga.data} detailed />
        </Section>
        <Section title="Facts">
          <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-sm">
            {facts.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-ink-soft">{name}</dt>
                <dd className="justify-self-end text-right break-all">{value}</dd>
              </div>
            ))}
          </dl>
        </Section>
      </div>
    </>
  );
}
