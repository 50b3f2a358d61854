import { BookCheck, CircleCheck, Scale } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '@/components/ui/Badge';
import { Banner } from '@/components/ui/Banner';
import { Button } from '@/components/ui/Button';
import { DataTable, TableSkeleton, type Column } from '@/components/ui/DataTable';
import { ErrorState } from '@/components/ui/ErrorState';
import { PageHeader } from '@/components/ui/PageHeader';
import { Section } from '@/components/ui/Section';
import { StateMessage } from '@/components/ui/StateMessage';
import { toast } from '@/components/ui/toast';
import { problemText } from '@/lib/formProblem';
import { formatNumber } from '@/lib/intl';
import { formatMoment } from '@/lib/time';
import { useLastError } from '@/lib/useLastError';
import { useLedger, useRepair, useVerification, type DeviceDay, type Difference, type LedgerHour } from '../api/ledger';

const count = (value: number) => <span className="tabular-nums">{formatNumber(value)}</span>;

const columns: Column<LedgerHour>[] = [
  { header: 'Hour of arrival', cell: ({ hour }) => formatMoment(new Date(hour)) },
  { header: 'Received', className: 'w-28 text-right', cell: ({ received }) => count(received) },
  { header: 'Stored', className: 'w-28 text-right max-sm:hidden', cell: ({ stored }) => count(stored) },
  { header: 'Duplicates', className: 'w-28 text-right max-md:hidden', cell: ({ duplicates }) => count(duplicates) },
  { header: 'Quarantined', className: 'w-32 text-right max-md:hidden', cell: ({ quarantined }) => count(quarantined) },
  {
    header: 'Adds up',
    className: 'w-28 text-right',
    cell: ({ balanced }) => <Badge tone={balanced ? 'good' : 'bad'}>{balanced ? 'Yes' : 'No'}</Badge>,
  },
];

/** `/system/ledger`: what became of every reading of the last seven days, and whether it adds up. */
export function Component() {
  const ledger = useLedger();
  const error = useLastError(ledger);
  const hours = ledger.data?.toSorted((a, b) => Date.parse(b.hour) - Date.parse(a.hour));
  const wrong = hours?.filter(({ balanced }) => !balanced).length ?? 0;

  return (
    <>
      <PageHeader
        title="Ledger"
        badge={
          hours && (
            <Badge tone={wrong === 0 ? 'good' : 'bad'}>
              {wrong === 0 ? 'Adds up' : wrong === 1 ? 'An hour doesn’t add up' : `${wrong} hours don’t add up`}
            </Badge>
          )
        }
        description="Every reading of the last seven days that arrived was stored, was a duplicate, or is in quarantine."
      />
      <div className="grid gap-5">
        <Verify />
        {error && (
          <div className="card">
            <ErrorState level={2} error={error} retrying={ledger.isFetching} onRetry={() => void ledger.refetch()} />
          </div>
        )}
        {!error && !hours && <TableSkeleton />}
        {hours?.length === 0 && (
          <div className="card">
            <StateMessage level={2} icon={Scale} title="No reading has arrived for a week">
              Look whether meters are connected, and whether the broker runs.
            </StateMessage>
          </div>
        )}
        {hours && hours.length > 0 && (
          <DataTable label="Ledger by hour" columns={columns} rows={hours} rowKey={({ hour }) => hour} />
        )}
      </div>
    </>
  );
}

/** So many differences are listed. */
const shown = 200;

/** What is mended together with a difference: a device's hours of a day; null where nothing can be. */
const mendable = ({ device_id, hour }: Difference): DeviceDay | null =>
  device_id === null || hour === null ? null : { device_id, day: new Date(hour).toISOString().slice(0, 10) };

const keyOf = (what: DeviceDay | null) => what && `${what.device_id} ${what.day}`;

function Verify() {
  const [verification, start] = useVerification();
  const repair = useRepair();
  const [repaired, setRepaired] = useState<ReadonlySet<string>>(new Set());
  const { state, done, total, message, differences, result } = verification;
  const keys = differences.map((difference) => keyOf(mendable(difference)));

  function verify() {
    setRepaired(new Set());
    start();
  }

  const mend = (what: DeviceDay) =>
    repair.mutate(what, {
      onSuccess: ({ message: said }) => {
        setRepaired((before) => new Set(before).add(keyOf(what) ?? ''));
        toast(said);
      },
      onError: (failure) => toast(problemText(failure), { tone: 'alert' }),
    });

  return (
    <Section
      title="Verification"
      description="Counts all hours anew from their raw readings and compares."
      actions={
        <Button busy={state === 'running'} onClick={verify}>
          <BookCheck aria-hidden="true" className="size-4" />
          {state === 'running' ? 'Verifying' : 'Verify now'}
        </Button>
      }
    >
      <div aria-live="polite" className="grid gap-3 text-sm">
        {state === 'running' && (
          <>
            <progress aria-label="Verification" value={done} max={Math.max(total, 1)} className="h-2 w-full accent-accent" />
            <p className="text-ink-soft">{message || 'Beginning'}</p>
          </>
        )}
        {state === 'failed' && <Banner tone="alert">It was broken off before it ended. Try again.</Banner>}
        {result && (
          <p className="flex items-center gap-2 font-semibold">
            {result.consistent && <CircleCheck aria-hidden="true" className="size-4 text-accent" />}
            {result.consistent
              ? 'Everything adds up: '
              : result.differences === 1
                ? 'One difference in '
                : `${formatNumber(result.differences)} differences in `}
            {formatNumber(result.readings_checked)} readings, {formatNumber(result.hours_checked)} hours.
          </p>
        )}
        {repaired.size > 0 && state === 'done' && <p className="text-ink-soft">Verify again to see that it adds up now.</p>}
        {differences.length > 0 && (
          <ul className="max-h-72 divide-y divide-line overflow-y-auto">
            {differences.slice(0, shown).map((difference, index) => {
              const { kind, device_id, hour, message: words } = difference;
              const what = mendable(difference);
              const key = keyOf(what);

              return (
                <li key={`${kind} ${device_id} ${hour}`} className="flex items-center gap-3 py-2">
                  <span className="min-w-0 flex-1">{words}</span>
                  {what !== null &&
                    key !== null &&
                    (repaired.has(key) ? (
                      <Badge tone="good">Repaired</Badge>
                    ) : (
                      // A device's hours of a day are mended together.
                      keys.indexOf(key) === index && (
                        <Button busy={repair.isPending && keyOf(repair.variables) === key} onClick={() => mend(what)}>
                          Repair
                        </Button>
                      )
                    ))}
                </li>
              );
            })}
            {differences.length > shown && (
              <li className="py-2 text-ink-soft">and {formatNumber(differences.length - shown)} more</li>
            )}
          </ul>
        )}
      </div>
    </Section>
  );
}
