import { ShieldCheck, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { Badge } from '@/components/ui/Badge';
import { Button } from '@/components/ui/Button';
import type { Column } from '@/components/ui/DataTable';
import { ConfirmDialog } from '@/components/ui/Dialog';
import { Menu, MenuContent, MenuItem, MenuTrigger } from '@/components/ui/Menu';
import { PagedTable } from '@/components/ui/PagedTable';
import { PageHeader } from '@/components/ui/PageHeader';
import { Segments } from '@/components/ui/Segments';
import { StateMessage } from '@/components/ui/StateMessage';
import { toast } from '@/components/ui/toast';
import { problemText } from '@/lib/formProblem';
import { formatNumber } from '@/lib/intl';
import { nameInText } from '@/lib/name';
import { formatMoment } from '@/lib/time';
import { useSearchParam } from '@/lib/useSearchParam';
import { useNames } from '../api/audit';
import {
  useQuarantine,
  useQuarantineSummary,
  useSettleReading,
  useSettleMany,
  type QuarantinedReading,
  type RegisterDecision,
} from '../api/quarantine';
import { reasonName, reasons } from '../lib/reasons';

const states = [
  { value: '', label: 'Open' },
  { value: 'true', label: 'Discarded' },
];

/** What a device is called; one that nobody knows by the beginning of its id. */
const nameOf = (device: string, names: ReadonlyMap<string, string> | undefined) =>
  nameInText(names?.get(device) ?? `Device …${device.slice(-8)}`);

/** What was sent: a line of it, and all that is shown of it when asked. */
function Body({ text, bytes }: { text: string; bytes: number }) {
  const [open, setOpen] = useState(false);

  return (
    <div className="font-mono text-xs text-ink-faint">
      <button
        type="button"
        aria-expanded={open}
        className="block max-w-full truncate rounded text-left"
        onClick={() => setOpen(!open)}
      >
        {text}
      </button>
      {open && (
        <pre className="mt-1 max-h-60 overflow-auto rounded-lg bg-sunken p-3 break-words whitespace-pre-wrap" tabIndex={0}>
          {text}
          {bytes > text.length && text.length >= longest && `… of ${formatNumber(bytes)} bytes`}
        </pre>
      )}
    </div>
  );
}

/** The service tells no more characters of what was sent. */
const longest = 2000;

const decisions: { as: RegisterDecision; label: string; effect: string }[] = [
  { as: 'reset', label: 'The register began at 0 again', effect: 'Its value is counted as the energy since the reading before.' },
  {
    as: 'rollover',
    label: 'The register passed its highest value',
    effect: 'The energy up to the highest value and its value after that are counted.',
  },
  {
    as: 'new_start',
    label: 'Count from here on, and nothing before',
    effect: 'No energy is counted between the reading before and this one.',
  },
];

const discardedColumn: Column<QuarantinedReading> = {
  header: 'Discarded',
  className: 'w-44 max-lg:hidden',
  cell: ({ discarded_at }) => discarded_at && formatMoment(new Date(discarded_at)),
};

/** `/system/quarantine?reason=&device=&discarded=`: what was not accepted and why; try again, or take note. */
export function Component() {
  const [reason, setReason] = useSearchParam('reason');
  const [device, setDevice] = useSearchParam('device');
  const [shown, setShown] = useSearchParam('discarded');
  const discarded = shown === 'true';
  const readings = useQuarantine({ reason, device, discarded });
  const summary = useQuarantineSummary();
  const one = useSettleReading();
  const all = useSettleMany();
  const names = useNames()?.all;
  const [asked, setAsked] = useState(false);
  const [deciding, setDeciding] = useState<{ id: string; as: RegisterDecision; detail: string | null } | null>(null);
  const { mutate, isPending, variables } = one;

  const columns = useMemo((): Column<QuarantinedReading>[] => {
    const settle = (id: string, how: 'replay' | 'discard') =>
      mutate(
        { id, how },
        { onSuccess: (message) => toast(message), onError: (error) => toast(problemText(error), { tone: 'alert' }) },
      );

    return [
      {
        header: 'Reading',
        cell: ({ reason: why, detail, device_id, body, body_bytes, received_at, discarded_at }) => (
          <>
            <p className="flex flex-wrap items-center gap-2">
              <Badge tone={discarded_at ? 'calm' : 'bad'}>{reasonName(why)}</Badge>
              {device_id && (
                <button
                  type="button"
                  title="Show this device’s only"
                  className="max-w-full truncate rounded text-sm font-semibold underline-offset-4 hover:underline"
                  onClick={() => setDevice(device_id)}
                >
                  {nameOf(device_id, names)}
                </button>
              )}
              <span className="text-xs text-ink-faint md:hidden">{formatMoment(new Date(received_at))}</span>
            </p>
            {detail && <p className="mt-1 break-words">{detail}</p>}
            <Body text={body} bytes={body_bytes} />
          </>
        ),
      },
      { header: 'Arrived', className: 'w-44 max-md:hidden', cell: ({ received_at }) => formatMoment(new Date(received_at)) },
      ...(discarded ? [discardedColumn] : []),
      {
        header: 'Actions',
        className: 'w-32 sm:w-56',
        cell: ({ id, reason: why, detail, retryable }) => (
          <div className="flex flex-wrap justify-end gap-1">
            {why === 'register_unclear' && (
              <Menu>
                <MenuTrigger asChild>
                  <Button busy={isPending && variables.id === id && variables.how !== 'discard'}>Accept…</Button>
                </MenuTrigger>
                <MenuContent>
                  {decisions.map(({ as, label: what }) => (
                    <MenuItem key={as} onSelect={() => setDeciding({ id, as, detail })}>
                      {what}
                    </MenuItem>
                  ))}
                </MenuContent>
              </Menu>
            )}
            {retryable && why !== 'register_unclear' && (
              <Button busy={isPending && variables.id === id && variables.how === 'replay'} onClick={() => settle(id, 'replay')}>
                Try again
              </Button>
            )}
            {!discarded && (
              <Button tone="quiet" disabled={isPending && variables.id === id} onClick={() => settle(id, 'discard')}>
                Discard
              </Button>
            )}
          </div>
        ),
      },
    ];
  }, [discarded, isPending, mutate, names, setDevice, variables]);

  const counts = new Map(summary.data?.map((entry) => [entry.reason, entry.count]));
  const count = counts.get(reason) ?? 0;
  const total = [...counts.values()].reduce((sum, some) => sum + some, 0);
  // Only open ones of all devices are counted, and of them only those that there are take room.
  const label = (name: string, some: number) => (discarded || device ? name : `${name} ${formatNumber(some)}`);
  const options = [
    { value: '', label: label('All', total) },
    ...reasons
      .filter((one) => discarded || counts.has(one) || one === reason)
      .map((one) => ({ value: one, label: label(reasonName(one), counts.get(one) ?? 0) })),
  ];

  const some = readings.data?.pages[0]?.rows.length ?? 0;

  const settleAll = (how: 'replay' | 'discard') =>
    all.mutate(
      { reason, device, how },
      {
        onSuccess: (message) => toast(message),
        onError: (error) => toast(problemText(error), { tone: 'alert' }),
        onSettled: () => setAsked(false),
      },
    );

  return (
    <>
      <PageHeader title="Quarantine" description="Readings that were not accepted, with what was sent. Nothing is dropped." />
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <Segments label="Show" value={discarded ? 'true' : ''} options={states} onChange={setShown} />
        <div className="max-w-full overflow-x-auto">
          <Segments label="Reason" value={reason} options={options} onChange={setReason} />
        </div>
        {!discarded && (device ? some > 0 : reason !== '' && count > 0) && (
          <div className="flex gap-2">
            {(reason === '' || summary.data?.find((entry) => entry.reason === reason)?.retryable) && (
              <Button busy={all.isPending && all.variables.how === 'replay'} onClick={() => settleAll('replay')}>
                {device ? 'Try all again' : count === 1 ? 'Try it again' : `Try all ${formatNumber(count)} again`}
              </Button>
            )}
            <Button onClick={() => setAsked(true)}>{!device && count === 1 ? 'Discard it' : 'Discard all'}</Button>
          </div>
        )}
      </div>
      {reason === 'unknown_device' && (
        <p className="mb-3 text-sm text-ink-soft">
          Is it a new meter of a device? Enter it on the page of{' '}
          <Link to="/devices" className="font-semibold text-accent underline underline-offset-4">
            the device
          </Link>
          , and its readings are stored by themselves.
        </p>
      )}
      {device && (
        <p className="mb-3 flex flex-wrap items-center gap-2 text-sm text-ink-soft">
          Only of {nameOf(device, names)}.
          <Button
            tone="quiet"
            onClick={() => {
              setDevice('');
              // The button goes with the filter.
              document.getElementById('content')?.focus();
            }}
          >
            <X aria-hidden="true" className="size-4" />
            Show all devices’
          </Button>
        </p>
      )}
      <PagedTable
        label="Quarantined readings"
        query={readings}
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          <StateMessage level={2} icon={ShieldCheck} title={discarded ? 'Nothing was discarded' : 'Nothing is in quarantine'}>
            {reason || device
              ? 'Nothing like that. Look at all of them.'
              : discarded
                ? 'A reading that can’t be mended is discarded from the list of open ones.'
                : 'No reading waits for a decision.'}
          </StateMessage>
        }
      />
      <ConfirmDialog
        open={deciding !== null}
        title={`${decisions.find(({ as }) => as === deciding?.as)?.label ?? ''}?`}
        confirm="Accept"
        busy={one.isPending}
        onCancel={() => setDeciding(null)}
        onConfirm={() =>
          deciding &&
          mutate(
            { id: deciding.id, how: deciding.as },
            {
              onSuccess: (message) => toast(message),
              onError: (error) => toast(problemText(error), { tone: 'alert' }),
              onSettled: () => setDeciding(null),
            },
          )
        }
      >
        <p>{deciding?.detail}</p>
        <p className="mt-2">
          {decisions.find(({ as }) => as === deciding?.as)?.effect} The decision is on record, and can’t be taken back here.
        </p>
      </ConfirmDialog>
      <ConfirmDialog
        open={asked}
        title={
          device
            ? `Discard all${reason && ` ${reasonName(reason).toLowerCase()}`} readings of ${nameOf(device, names)}?`
            : count === 1
              ? 'Discard the reading?'
              : `Discard ${formatNumber(count)} readings?`
        }
        confirm="Discard"
        danger
        busy={all.isPending}
        onCancel={() => setAsked(false)}
        onConfirm={() => settleAll('discard')}
      >
        <p>
          What is discarded is no longer tried again by itself and listed among the discarded ones only. It stays on record with
          who discarded it.
        </p>
      </ConfirmDialog>
    </>
  );
}
