import { clsx } from 'clsx';
import { PlugZap, SearchX } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { Link, Navigate, useLocation, useParams } from 'react-router';
import { ErrorState } from '@/components/ui/ErrorState';
import { Skeleton } from '@/components/ui/Skeleton';
import { Name } from '@/components/ui/Name';
import { StateMessage } from '@/components/ui/StateMessage';
import { endOf, hasCost, mostListed, useDevice, useDevices, useSomeDevices, type Device } from '@/features/devices/api/devices';
import { deviceColors } from '@/features/devices/colors';
import { DeviceList } from '@/features/devices/components/DeviceList';
import { useLatest } from '@/features/live/latest';
import { useWatch } from '@/features/live/watched';
import { useSession } from '@/features/session/api/session';
import { formatPower, powerOf } from '@/lib/energy';
import { isSilentSince } from '@/lib/silence';
import { formatAgo, formatMomentIn } from '@/lib/time';
import { plainName } from '@/lib/name';
import { useLastError } from '@/lib/useLastError';
import { useNow, useToday } from '@/lib/useNow';
import { formatDay, isDay, todayIn, type Day } from '@/lib/zone';
import { PeriodNavigator } from '../components/PeriodNavigator';
import { PeriodSkeleton } from '../components/PeriodSkeleton';
import { PeriodSwitch } from '../components/PeriodSwitch';
import { PeriodView } from '../components/PeriodView';
import { ReadingsView } from '../components/ReadingsView';
import { usePeriodKeys } from '../components/usePeriodKeys';
import { useView } from '../lib/useView';

/** `/consumption/:deviceId?`; what is shown of the device stands in the query. Without a date it is now, and moves on with time. */
export function Component() {
  const { deviceId } = useParams();
  const { search: query } = useLocation();
  const [wanted, setWanted] = useState('');
  const isAdmin = useSession().data?.user?.role === 'admin';

  // A client's devices are few. Those of an installation may be many: some, and the one that is looked at.
  const own = useDevices({ enabled: !isAdmin });
  const some = useSomeDevices(wanted, isAdmin, { most: mostListed, enabled: isAdmin });
  const one = useDevice(isAdmin ? deviceId : undefined);
  const all = isAdmin ? some : own;
  const error = useLastError(all);
  const devices = all.data;
  const listed = devices?.find(({ id }) => id === deviceId);
  // Null is an answer: it is gone.
  const device = isAdmin && one.data !== undefined ? one.data : listed;
  const colors = useMemo(
    () => deviceColors([...new Set([...(devices ?? []).map(({ id }) => id), ...(device ? [device.id] : [])])]),
    [devices, device],
  );

  if (error) return <ErrorState error={error} retrying={all.isFetching} onRetry={() => void all.refetch()} />;
  if (!devices || (isAdmin && deviceId !== undefined && one.isPending)) return <PageSkeleton />;

  const [first] = devices;

  if (!first && !wanted) return <NoDevices />;
  if (deviceId === undefined && first) return <Navigate to={{ pathname: `/consumption/${first.id}`, search: query }} replace />;

  return (
    <div className="grid gap-5 lg:grid-cols-[15.5rem_minmax(0,1fr)] lg:gap-8">
      <DeviceList
        devices={devices}
        colors={colors}
        selected={deviceId ?? ''}
        to={({ id }) => `/consumption/${id}${query}`}
        onSearch={isAdmin ? setWanted : undefined}
      />
      {device ? (
        <DevicePanel device={device} color={colors.get(device.id) ?? '--device-1'} />
      ) : one.isError ? (
        <div className="card">
          <ErrorState error={one.error} retrying={one.isFetching} onRetry={() => void one.refetch()} />
        </div>
      ) : (
        <UnknownDevice first={first} />
      )}
    </div>
  );
}

const hourMs = 3_600_000;

function DevicePanel({ device, color }: { device: Device; color: string }) {
  const today = useToday(device.time_zone);
  const end = endOf(device);
  // Of a device that no longer belongs to the caller the last day is shown first. The hour in which it ended isn't visible.
  const first = end === null ? today : todayIn(device.time_zone, new Date(new Date(end).getTime() - hourMs));
  const [view, show] = useView(today, hasCost(device), first);
  const { period, readings, noSuchDay } = view;

  useWatch(useMemo(() => [device.id], [device.id]));
  usePeriodKeys(
    period,
    today,
    useCallback((day: Day) => show({ day }), [show]),
  );

  return (
    <div className="min-w-0">
      <title>{`${plainName(device.name)} · EnergyAspire`}</title>
      <header className="mb-5">
        <h1 className="text-2xl font-semibold tracking-tight lg:text-3xl">
          <Name clamp>{device.name}</Name>
        </h1>
        {device.description && (
          <p className="mt-1 text-ink-soft">
            <Name>{device.description}</Name>
          </p>
        )}
        {end === null ? (
          <Now device={device} />
        ) : (
          <p className="mt-1 text-sm text-ink-soft">
            Yours until {formatMomentIn(device.time_zone, new Date(end))}. You see what was measured before that hour.
          </p>
        )}
      </header>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <PeriodSwitch span={period.span} onChange={(span) => show({ span })} />
        <div className="max-sm:w-full">
          <PeriodNavigator period={period} today={today} onChange={show} />
        </div>
      </div>
      {noSuchDay !== null && (
        <p role="status" className="mb-4 rounded-xl bg-warn-soft px-4 py-2 text-sm text-warn">
          {dayProblem(noSuchDay)} This is what is shown without it.
        </p>
      )}
      {readings ? (
        <ReadingsView device={device} color={color} view={view} today={today} onChange={show} />
      ) : (
        <PeriodView device={device} color={color} view={view} today={today} onChange={show} />
      )}
    </div>
  );
}

/** Why a date of the address isn't what is shown. */
function dayProblem(date: string) {
  const isReal: boolean = isDay(date);

  return isReal
    ? `${formatDay(date, { dateStyle: 'long' })} has not come yet.`
    : `The address asks for the day “${plainName(date.slice(0, 40))}”, which is none.`;
}

/** What the device draws now, or since when it is silent. */
function Now({ device: { id, reporting_interval_seconds: interval } }: { device: Device }) {
  const latest = useLatest(useMemo(() => [id], [id])).get(id);
  const now = useNow(5_000);
  if (!latest) return null;

  const moment = new Date(latest.timestamp);
  const silent = isSilentSince(moment, interval, now);

  return (
    <p className={clsx('mt-1 text-sm tabular-nums', silent ? 'text-alert' : 'text-ink-soft')}>
      {silent ? 'Silent' : `${formatPower(powerOf(latest.measurement_value, interval))} now`}, last reading{' '}
      {formatAgo(moment, now)}
    </p>
  );
}

function NoDevices() {
  const isAdmin = useSession().data?.user?.role === 'admin';

  return (
    <div className="card">
      <title>Devices · EnergyAspire</title>
      <StateMessage icon={PlugZap} title="No devices yet">
        {isAdmin ? (
          <>
            <Link to="/devices" className="font-semibold text-accent underline underline-offset-4">
              Add the first one
            </Link>
            . It appears here by itself.
          </>
        ) : (
          'Ask whoever runs this installation to assign your meters to you. They appear here by themselves.'
        )}
      </StateMessage>
    </div>
  );
}

function UnknownDevice({ first }: { first: Device | undefined }) {
  return (
    <div className="card">
      <title>Unknown device · EnergyAspire</title>
      <StateMessage
        icon={SearchX}
        title="There is no such device here"
        action={
          first && (
            <Link to={`/consumption/${first.id}`} className="font-semibold text-accent underline underline-offset-4">
              Show <Name>{first.name}</Name>
            </Link>
          )
        }
      >
        It may have been removed, or it isn’t assigned to you.
      </StateMessage>
    </div>
  );
}

function PageSkeleton() {
  return (
    <div className="grid gap-5 lg:grid-cols-[15.5rem_minmax(0,1fr)] lg:gap-8">
      <title>EnergyAspire</title>
      <h1 className="sr-only">Devices</h1>
      <div className="flex gap-2 overflow-hidden lg:flex-col lg:pt-8">
        <Skeleton className="h-15 w-44 shrink-0 rounded-2xl! lg:w-full" />
        <Skeleton className="h-15 w-44 shrink-0 rounded-2xl! lg:w-full" />
        <Skeleton className="h-15 w-44 shrink-0 rounded-2xl! lg:w-full" />
      </div>
      <div>
        <Skeleton className="mb-6 h-9 w-56" />
        <PeriodSkeleton />
      </div>
    </div>
  );
}
