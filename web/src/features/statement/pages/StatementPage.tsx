import { Download, Printer, ReceiptText } from 'lucide-react';
import { useMemo } from 'react';
import { Banner } from '@/components/ui/Banner';
import { Button, buttonStyle } from '@/components/ui/Button';
import { ErrorState } from '@/components/ui/ErrorState';
import { PageHeader } from '@/components/ui/PageHeader';
import { Skeleton } from '@/components/ui/Skeleton';
import { StateMessage } from '@/components/ui/StateMessage';
import { useProfile } from '@/features/session/api/account';
import { useSession } from '@/features/session/api/session';
import { formatNumber, viewerZone } from '@/lib/intl';
import { plainName } from '@/lib/name';
import { formatMoment } from '@/lib/time';
import { useLastError } from '@/lib/useLastError';
import { useToday } from '@/lib/useNow';
import { useSearchParam } from '@/lib/useSearchParam';
import { isDay, stepMonth } from '@/lib/zone';
import { csvAddress, useStatement } from '../api/statement';
import { DeviceSection } from '../components/DeviceSection';
import { MonthChooser } from '../components/MonthChooser';
import { StatementTotals } from '../components/StatementTotals';
import { monthName, totalsOf } from '../lib/words';

/** `/statement?month=YYYY-MM`, by default the last month that is over. */
export function Component() {
  const [asked, setAsked] = useSearchParam('month');
  const running = useToday(viewerZone()).slice(0, 7);
  const month = isDay(`${asked}-01`) && asked <= running ? asked : stepMonth(`${running}-01`, -1).slice(0, 7);
  const query = useStatement(month);
  const error = useLastError(query);
  const pages = query.data?.pages;
  const devices = useMemo(() => pages?.flatMap(({ rows }) => rows), [pages]);

  return (
    <div className="mx-auto max-w-4xl">
      <PageHeader
        title={`Statement for ${monthName(month)}`}
        description={devices && <Origin at={query.dataUpdatedAt} />}
        actions={
          <div className="flex grow flex-wrap gap-2 print:hidden">
            <MonthChooser month={month} last={running} onChange={setAsked} />
            <Button disabled={!devices?.length} className="h-12! max-sm:grow" onClick={() => window.print()}>
              <Printer aria-hidden="true" className="size-4" />
              Print
            </Button>
            <a href={csvAddress(month)} download className={buttonStyle('plain', 'h-12! max-sm:grow')}>
              <Download aria-hidden="true" className="size-4" />
              Download CSV
            </a>
          </div>
        }
      />

      {error ? (
        <div className="card">
          <ErrorState level={2} error={error} retrying={query.isFetching} onRetry={() => void query.refetch()} />
        </div>
      ) : !devices ? (
        <div role="status" className="grid gap-4">
          <span className="sr-only">Loading the statement</span>
          <Skeleton className="h-32 rounded-2xl!" />
          <Skeleton className="h-64 rounded-2xl!" />
        </div>
      ) : devices.length === 0 ? (
        <div className="card">
          <StateMessage level={2} icon={ReceiptText} title={`Nothing in ${monthName(month)}`}>
            No device was yours in this month.
          </StateMessage>
        </div>
      ) : (
        <div className="grid gap-4 print:block">
          {month === running ? (
            <Banner tone="info">The month isn’t over. The statement has what was measured until now, and isn’t final.</Banner>
          ) : (
            !devices.every(({ is_final: isFinal }) => isFinal) && (
              <Banner tone="info">Not final: readings that are still missing may come and change it.</Banner>
            )
          )}
          <StatementTotals
            totals={totalsOf(devices)}
            only={
              query.hasNextPage
                ? ` of the first ${formatNumber(devices.length)} of ${formatNumber(pages?.[0]?.total ?? 0)} devices`
                : ''
            }
          />
          {devices.map((device) => (
            <DeviceSection key={device.device_id} device={device} />
          ))}
          {query.hasNextPage && (
            <div className="flex flex-col items-center gap-2 text-sm text-ink-soft">
              <p>
                {formatNumber(devices.length)} of {formatNumber(pages?.[0]?.total ?? 0)} devices. The CSV file has all of them.
              </p>
              <Button className="print:hidden" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                Show more devices
              </Button>
            </div>
          )}
        </div>
      )}
    </div>
  );
}

/** Whose statement it is, and when it was made. */
function Origin({ at }: { at: number }) {
  const user = useSession().data?.user;
  const profile = useProfile(user?.id ?? '').data;
  const name = [profile?.fname, profile?.lname].filter(Boolean).join(' ');

  return (
    <>
      <bdi>{plainName(name ? `${name} (${user?.username})` : (user?.username ?? ''))}</bdi>, created {formatMoment(new Date(at))}
    </>
  );
}
