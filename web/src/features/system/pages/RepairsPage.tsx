import { CircleCheck, GitCompare } from 'lucide-react';
import { Link } from 'react-router';
import { Button, buttonStyle } from '@/components/ui/Button';
import { ErrorState } from '@/components/ui/ErrorState';
import { Name } from '@/components/ui/Name';
import { PageHeader } from '@/components/ui/PageHeader';
import { Section } from '@/components/ui/Section';
import { Skeleton } from '@/components/ui/Skeleton';
import { StateMessage } from '@/components/ui/StateMessage';
import { toast } from '@/components/ui/toast';
import { problemText } from '@/lib/formProblem';
import { formatNumber as number } from '@/lib/intl';
import { formatAgo } from '@/lib/time';
import { useNow } from '@/lib/useNow';
import { useHealth } from '../api/health';
import { useLedger } from '../api/ledger';
import { useQuarantineSummary, useSettleMany } from '../api/quarantine';
import { useCompareReplicas, useDeadLetters, useReplayDeadLetters, useSilentDevices, type SilentDevice } from '../api/repairs';
import { isStuck, useUnfinishedSagas } from '../api/sagas';
import { Repair } from '../components/Repair';
import { typeNames } from '../components/SagaState';
import { reasonName } from '../lib/reasons';

const shownDevices = 5;

const tell = {
  onSuccess: (message: string) => toast(message),
  onError: (error: Error) => toast(problemText(error), { tone: 'alert' }),
};

/** `/system/repairs`: what is wrong now, and what mends it. */
export function Component() {
  const now = useNow(15_000);
  const { services: health, reasons } = useHealth();
  const silent = useSilentDevices();
  const quarantine = useQuarantineSummary();
  const ledger = useLedger();
  const sagas = useUnfinishedSagas();
  const dead = useDeadLetters();
  const settle = useSettleMany();
  const replay = useReplayDeadLetters();

  const asked = [silent, quarantine, ledger, sagas, reasons];
  const pending = asked.some(({ isPending }) => isPending) || dead.services.some(({ letters }) => !letters && !dead.error);
  const error = asked.find(({ isError }) => isError)?.error ?? dead.error;
  const unbalanced = ledger.data?.filter(({ balanced }) => !balanced).length ?? 0;

  const repairs = [
    ...health
      .filter(({ away }) => away)
      .map(({ name, what }) => (
        <Repair key={`away ${name}`} title={`${name} doesn’t answer`} actions={<To to="/system">Look at health</To>}>
          What needs it waits and goes on by itself: {what}. Start it again if it doesn’t come back.
        </Repair>
      )),
    ...health
      .filter(({ away, waitsFor }) => !away && waitsFor)
      .map(({ name, waitsFor = [] }) => (
        <Repair key={`waits ${name}`} title={`${name} waits for something`} actions={<To to="/system">Look at health</To>}>
          {waitsFor.join(' ')} It goes on by itself when that is there again; nothing is lost meanwhile.
        </Repair>
      )),
    ...(sagas.data ?? [])
      .filter((saga) => isStuck(saga, now))
      .map(({ id, type, username, last_error }) => (
        <Repair
          key={id}
          title={`${typeNames[type] ?? type} of ${username} is stuck`}
          actions={<To to={`/system/sagas/${id}`}>Look at it</To>}
        >
          It is tried again every few seconds until it is done or undone. {last_error}
        </Repair>
      )),
    ...dead.services.flatMap(({ name, letters }) =>
      letters && letters.count > 0
        ? [
            <Repair
              key={`dead ${name}`}
              title={`${name} couldn’t handle ${letters.count === 1 ? 'an event' : `${number(letters.count)} events`}`}
              actions={
                <Button busy={replay.isPending && replay.variables === name} onClick={() => replay.mutate(name, tell)}>
                  Try again
                </Button>
              }
            >
              <ul>
                {letters.messages.slice(0, 3).map(({ id, event_type, reason, failed_at }, index) => (
                  <li key={id ?? index} className="break-words">
                    {event_type}
                    {failed_at && `, ${formatAgo(new Date(failed_at), now)}`}: {reason ?? 'no reason on record'}
                  </li>
                ))}
              </ul>
            </Repair>,
          ]
        : [],
    ),
    ...(unbalanced > 0
      ? [
          <Repair
            key="ledger"
            title={`The ledger doesn’t add up in ${unbalanced === 1 ? 'an hour' : `${number(unbalanced)} hours`}`}
            actions={<To to="/system/ledger">Verify</To>}
          >
            Readings that arrived are neither stored, nor duplicates, nor in quarantine.
          </Repair>,
        ]
      : []),
    ...(quarantine.data ?? []).map(({ reason, count, retryable }) => (
      <Repair
        key={`quarantine ${reason}`}
        title={count === 1 ? 'A reading is in quarantine' : `${number(count)} readings are in quarantine`}
        actions={
          <>
            {retryable && (
              <Button
                busy={settle.isPending && settle.variables.reason === reason}
                onClick={() => settle.mutate({ reason, how: 'replay' }, tell)}
              >
                Try again
              </Button>
            )}
            <To to={`/system/quarantine?reason=${reason}`}>Look at {count === 1 ? 'it' : 'them'}</To>
          </>
        }
      >
        {reasonName(reason)}.{!retryable && ' Trying again doesn’t help; discard what can’t be mended.'}
      </Repair>
    )),
    ...(silent.data && silent.data.count > 0
      ? [
          <Repair
            key="silent"
            title={silent.data.count === 1 ? 'A device is silent' : `${number(silent.data.count)} devices are silent`}
            actions={<To to="/devices?show=silent">Look at silent devices</To>}
          >
            <ul>
              {silent.data.devices.slice(0, shownDevices).map((device) => (
                <Silent key={device.id} device={device} now={now} />
              ))}
            </ul>
            {silent.data.count > shownDevices && (
              <details className="mt-1">
                <summary className="w-fit rounded font-semibold text-accent">
                  and {number(silent.data.count - shownDevices)} more
                </summary>
                <ul className="mt-1">
                  {silent.data.devices.slice(shownDevices).map((device) => (
                    <Silent key={device.id} device={device} now={now} />
                  ))}
                </ul>
                {silent.data.count > silent.data.devices.length && (
                  <p>These are the {number(silent.data.devices.length)} that fell silent last.</p>
                )}
              </details>
            )}
          </Repair>,
        ]
      : []),
  ];

  return (
    <>
      <PageHeader
        title="Repairs"
        description="What is wrong now, and what mends it. Failed events are looked for when the page opens, the rest every half minute."
      />
      <div className="grid gap-5">
        {error && (
          <div className="card">
            <ErrorState
              level={2}
              error={error}
              retrying={asked.some(({ isFetching }) => isFetching)}
              onRetry={() => [...asked, dead].forEach((query) => void query.refetch())}
            />
          </div>
        )}
        {pending && !error && <Skeleton className="h-28 w-full" />}
        {repairs.length > 0 && <ul className="grid gap-3">{repairs}</ul>}
        {!pending && !error && repairs.length === 0 && (
          <div className="card">
            <StateMessage level={2} icon={CircleCheck} title="Nothing is wrong">
              Every service answers, every device reports, nothing waits for a decision.
            </StateMessage>
          </div>
        )}
        <Replicas />
      </div>
    </>
  );
}

function Silent({ device: { id, name, last_reading }, now }: { device: SilentDevice; now: Date }) {
  return (
    <li>
      <Link to={`/devices/${id}/edit`} className="font-semibold text-accent hover:underline">
        <Name>{name}</Name>
      </Link>
      {last_reading ? `, last heard of ${formatAgo(new Date(last_reading), now)}` : ', never heard of'}
    </li>
  );
}

/** Whether Monitoring and Devices know the same people, devices and assignments as their sources. */
function Replicas() {
  const compare = useCompareReplicas();

  return (
    <Section
      title="Do the services agree?"
      description="Devices and Monitoring keep replicas of accounts, devices and assignments. Every six hours they are compared with their sources and mended; here at once."
      actions={
        <Button busy={compare.isPending} onClick={() => compare.mutate(undefined, { onError: tell.onError })}>
          <GitCompare aria-hidden="true" className="size-4" />
          Compare now
        </Button>
      }
    >
      <p aria-live="polite" className="text-sm font-semibold">
        {compare.data !== undefined &&
          (compare.data === 0
            ? 'All replicas are as at their source.'
            : compare.data === 1
              ? 'One replicated record differed and is mended.'
              : `${number(compare.data)} replicated records differed and are mended.`)}
      </p>
    </Section>
  );
}

const To = ({ to, children }: { to: string; children: React.ReactNode }) => (
  <Link to={to} className={buttonStyle()}>
    {children}
  </Link>
);
