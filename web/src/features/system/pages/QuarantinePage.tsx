import { ShieldCheck } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Badge } from '@/components/ui/Badge';
import { Button } from '@/components/ui/Button';
import type { Column } from '@/components/ui/DataTable';
import { ConfirmDialog } from '@/components/ui/Dialog';
import { PagedTable } from '@/components/ui/PagedTable';
import { PageHeader } from '@/components/ui/PageHeader';
import { Segments } from '@/components/ui/Segments';
import { StateMessage } from '@/components/ui/StateMessage';
import { toast } from '@/components/ui/toast';
import { problemText } from '@/lib/formProblem';
import { locale } from '@/lib/locale';
import { formatMoment } from '@/lib/time';
import { useSearchParam } from '@/lib/useSearchParam';
import {
  useQuarantine,
  useQuarantineSummary,
  useSettleReading,
  useSettleReason,
  type QuarantinedReading,
} from '../api/quarantine';
import { reasonName, reasons } from '../lib/reasons';

const states = [
  { value: '', label: 'Open' },
  { value: 'true', label: 'Discarded' },
];

const discardedColumn: Column<QuarantinedReading> = {
  header: 'Discarded',
  className: 'w-44 max-lg:hidden',
  cell: ({ discarded_at }) => discarded_at && formatMoment(new Date(discarded_at)),
};

/** `/system/quarantine?reason=&discarded=`: what was not accepted and why; try again, or take note. */
export function Component() {
  const [reason, setReason] = useSearchParam('reason');
  const [shown, setShown] = useSearchParam('discarded');
  const discarded = shown === 'true';
  const readings = useQuarantine({ reason, discarded });
  const summary = useQuarantineSummary();
  const one = useSettleReading();
  const all = useSettleReason();
  const [asked, setAsked] = useState(false);
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
        cell: ({ reason: why, detail, body, received_at, discarded_at }) => (
          <>
            <p className="flex flex-wrap items-center gap-2">
              <Badge tone={discarded_at ? 'calm' : 'bad'}>{reasonName(why)}</Badge>
              <span className="text-xs text-ink-faint md:hidden">{formatMoment(new Date(received_at))}</span>
            </p>
            {detail && <p className="mt-1 break-words">{detail}</p>}
            <p className="truncate font-mono text-xs text-ink-faint" title={body}>
              {body}
            </p>
          </>
        ),
      },
      { header: 'Arrived', className: 'w-44 max-md:hidden', cell: ({ received_at }) => formatMoment(new Date(received_at)) },
      ...(discarded ? [discardedColumn] : []),
      {
        header: 'Actions',
        className: 'w-32 sm:w-52',
        cell: ({ id }) => (
          <div className="flex flex-wrap justify-end gap-1">
            <Button busy={isPending && variables.id === id && variables.how === 'replay'} onClick={() => settle(id, 'replay')}>
              Try again
            </Button>
            {!discarded && (
              <Button tone="quiet" disabled={isPending && variables.id === id} onClick={() => settle(id, 'discard')}>
                Discard
              </Button>
            )}
          </div>
        ),
      },
    ];
  }, [discarded, isPending, mutate, variables]);

  const counts = new Map(summary.data?.map((entry) => [entry.reason, entry.count]));
  const count = counts.get(reason) ?? 0;
  const total = [...counts.values()].reduce((sum, some) => sum + some, 0);
  // Only open ones are counted, and of them only those that there are take room.
  const label = (name: string, some: number) => (discarded ? name : `${name} ${some.toLocaleString(locale())}`);
  const options = [
    { value: '', label: label('All', total) },
    ...reasons
      .filter((one) => discarded || counts.has(one) || one === reason)
      .map((one) => ({ value: one, label: label(reasonName(one), counts.get(one) ?? 0) })),
  ];

  const settleAll = (how: 'replay' | 'discard') =>
    all.mutate(
      { reason, how },
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
        {!discarded && reason !== '' && count > 0 && (
          <div className="flex gap-2">
            <Button busy={all.isPending && all.variables.how === 'replay'} onClick={() => settleAll('replay')}>
              {count === 1 ? 'Try it again' : `Try all ${count.toLocaleString(locale())} again`}
            </Button>
            <Button onClick={() => setAsked(true)}>{count === 1 ? 'Discard it' : 'Discard all'}</Button>
          </div>
        )}
      </div>
      <PagedTable
        label="Quarantined readings"
        query={readings}
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          <StateMessage level={2} icon={ShieldCheck} title={discarded ? 'Nothing was discarded' : 'Nothing is in quarantine'}>
            {reason
              ? 'Nothing for this reason. Look at all of them.'
              : discarded
                ? 'A reading that can’t be mended is discarded from the list of open ones.'
                : 'No reading waits for a decision.'}
          </StateMessage>
        }
      />
      <ConfirmDialog
        open={asked}
        title={count === 1 ? 'Discard the reading?' : `Discard ${count.toLocaleString(locale())} readings?`}
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
