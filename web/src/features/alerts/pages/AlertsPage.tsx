import { clsx } from 'clsx';
import { BellRing, Check, CircleCheck, TrendingUp, TriangleAlert } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { Link, useSearchParams } from 'react-router';
import { Button } from '@/components/ui/Button';
import { ErrorState } from '@/components/ui/ErrorState';
import { Name } from '@/components/ui/Name';
import { Segments } from '@/components/ui/Segments';
import { Skeleton } from '@/components/ui/Skeleton';
import { StateMessage } from '@/components/ui/StateMessage';
import { toast } from '@/components/ui/toast';
import { useSession } from '@/features/session/api/session';
import { nameInText } from '@/lib/name';
import { useKeptFocus } from '@/lib/useKeptFocus';
import { formatMoment } from '@/lib/time';
import { useLastError } from '@/lib/useLastError';
import { useAcknowledge, useAcknowledgeAll, useAlerts, type Alert } from '../api/alerts';
import { alertDay, alertHour, alertOrigin, alertSentence } from '../words';

/** `/alerts?show=all`: the hours over their limits, those that nobody has acknowledged or all. */
export function Component() {
  const [params, setParams] = useSearchParams();
  const open = params.get('show') !== 'all';
  const alerts = useAlerts(open);
  const error = useLastError(alerts);
  const rows = useMemo(() => alerts.data?.pages.flatMap((page) => page.rows), [alerts.data]);
  const keptFocus = useKeptFocus<HTMLUListElement>(rows, mainContent);
  const user = useSession().data?.user;
  const all = useAcknowledgeAll();
  const button = useRef<HTMLButtonElement>(null);

  return (
    <div className="mx-auto max-w-3xl">
      <title>Alerts · EnergyAspire</title>
      <header className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div>
          <h1 className="text-2xl font-semibold tracking-tight lg:text-3xl">Alerts</h1>
          <p className="mt-1 text-ink-soft">Hours over the limit of a device, or on the way there.</p>
        </div>
        <Segments
          label="Show"
          value={open ? 'open' : 'all'}
          options={[
            { value: 'open', label: 'Open' },
            { value: 'all', label: 'All' },
          ]}
          onChange={(value) => setParams(value === 'all' ? { show: 'all' } : {})}
        />
      </header>

      {error ? (
        <div className="card">
          <ErrorState level={2} error={error} retrying={alerts.isFetching} onRetry={() => void alerts.refetch()} />
        </div>
      ) : !rows ? (
        <div role="status" className="grid gap-3">
          <span className="sr-only">Loading the alerts</span>
          <Skeleton className="h-20 rounded-2xl!" />
          <Skeleton className="h-20 rounded-2xl!" />
          <Skeleton className="h-20 rounded-2xl!" />
        </div>
      ) : rows.length === 0 ? (
        <div className="card">
          <StateMessage
            level={2}
            icon={open ? CircleCheck : BellRing}
            title={open ? 'Nothing needs your attention' : 'No alerts yet'}
          >
            {open
              ? 'No hour over a limit is waiting to be acknowledged. Earlier ones are under All.'
              : 'An alert is raised when an hour goes over the limit of its device. It appears here by itself.'}
          </StateMessage>
        </div>
      ) : (
        <>
          {open && rows.length > 1 && (
            <div className="mb-3 flex justify-end">
              <Button
                ref={button}
                busy={all.isPending}
                onClick={() =>
                  all.mutate(
                    rows.map(({ id }) => id),
                    {
                      onSuccess: (done) => {
                        tellOf(done, rows.length);
                        // The button goes with the alerts, and would take the focus with it.
                        if ([document.body, button.current].includes(document.activeElement as HTMLButtonElement))
                          mainContent()?.focus();
                      },
                    },
                  )
                }
              >
                Acknowledge {alerts.hasNextPage ? `these ${rows.length}` : `all ${rows.length}`}
              </Button>
            </div>
          )}
          <ul {...keptFocus} className="card divide-y divide-line">
            {rows.map((alert) => (
              <AlertRow key={alert.id} alert={alert} viewer={user?.id} />
            ))}
          </ul>
          {alerts.hasNextPage && (
            <div className="mt-4 flex justify-center">
              <Button busy={alerts.isFetchingNextPage} onClick={() => void alerts.fetchNextPage()}>
                Show earlier ones
              </Button>
            </div>
          )}
        </>
      )}
    </div>
  );
}

const mainContent = () => document.getElementById('content');

const tellOf = (done: number, of: number) =>
  done === of
    ? toast(`${of} alerts are acknowledged.`)
    : toast(`${done} of ${of} alerts are acknowledged. Try the others again.`, { tone: 'alert' });

interface RowProps {
  alert: Alert;
  /** Who looks at it. */
  viewer: string | undefined;
}

function AlertRow({ alert, viewer }: RowProps) {
  const acknowledge = useAcknowledge();
  const exceeded = alert.kind === 'exceeded';
  const Icon = exceeded ? TriangleAlert : TrendingUp;
  const name = alert.device_name;
  const settled = alert.acknowledged_at;

  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 p-4 sm:px-6">
      <span
        className={clsx(
          'grid size-10 shrink-0 place-items-center rounded-xl',
          settled ? 'bg-sunken text-ink-faint' : exceeded ? 'bg-alert-soft text-alert' : 'bg-warn-soft text-warn',
        )}
      >
        <Icon aria-hidden="true" className="size-5" />
      </span>
      <div className="min-w-0 grow basis-60">
        <p className="font-semibold">
          {alert.device_deleted ? (
            <>
              <Name>{name}</Name> <span className="font-normal text-ink-soft">(deleted)</span>
            </>
          ) : (
            <Link
              to={`/consumption/${alert.device_id}?date=${alertDay(alert)}`}
              className="rounded underline-offset-4 hover:underline"
            >
              <Name>{name}</Name>
            </Link>
          )}
        </p>
        <p className="text-sm text-ink-soft">{alertSentence(alert)}</p>
        <p className="mt-0.5 text-xs text-ink-faint tabular-nums">
          {alertHour(alert)}
          {alertOrigin(alert)}
        </p>
      </div>
      {settled ? (
        <span className="flex items-center gap-1.5 text-xs text-ink-faint">
          <Check aria-hidden="true" className="size-4" />
          Acknowledged{alert.acknowledged_by === viewer && ' by you'}, {formatMoment(new Date(settled))}
        </span>
      ) : (
        <Button
          className="max-sm:w-full"
          aria-label={`Acknowledge ${nameInText(name)}, ${alertHour(alert)}`}
          busy={acknowledge.isPending}
          onClick={() =>
            void acknowledge.mutateAsync(alert.id).then(
              () => toast(`The alert of ${nameInText(name)} is acknowledged.`),
              () => toast('The alert could not be acknowledged. Try again.', { tone: 'alert' }),
            )
          }
        >
          Acknowledge
        </Button>
      )}
    </li>
  );
}
