import { ArrowRight, PlugZap, SearchX } from 'lucide-react';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { ErrorState } from '@/components/ui/ErrorState';
import { SearchBox } from '@/components/ui/SearchBox';
import { Skeleton } from '@/components/ui/Skeleton';
import { StateMessage } from '@/components/ui/StateMessage';
import { mostAddedUp, useSomeDevices } from '@/features/devices/api/devices';
import { deviceColors } from '@/features/devices/colors';
import { namesakes } from '@/features/devices/namesakes';
import { useBudgets } from '@/features/forecast/api/forecast';
import { useLatest } from '@/features/live/latest';
import { useWatch } from '@/features/live/watched';
import { useSession } from '@/features/session/api/session';
import { powerOf } from '@/lib/energy';
import { formatNumber } from '@/lib/intl';
import { useInSight } from '@/lib/useInSight';
import { useLastError } from '@/lib/useLastError';
import { useNow } from '@/lib/useNow';
import { useSearchParam } from '@/lib/useSearchParam';
import { useDays } from '../api/days';
import { BalanceSection } from '../components/BalanceSection';
import { DeviceCard } from '../components/DeviceCard';
import { TodaySection } from '../components/TodaySection';
import { balancedDevices } from '../lib/balance';
import { readDeviceDay } from '../lib/overview';
import { isSilent } from '../lib/seen';

const nobody: never[] = [];

/** `/?search=&clock=&month=`: today so far, power now, a month of own production, and each device at a glance. */
export function Component() {
  const [search, setSearch] = useSearchParam('search');
  const isAdmin = useSession().data?.user?.role === 'admin';
  const found = useSomeDevices(search, isAdmin, { most: mostAddedUp });
  const findError = useLastError(found);
  const { devices, more, total } = found;
  // A search leaves out what is there, and asks for nothing anew.
  const known = found.known ?? nobody;
  const ids = useMemo(() => known.map(({ id }) => id), [known]);
  const colors = useMemo(() => deviceColors(ids), [ids]);
  const details = useMemo(() => namesakes(known), [known]);
  const balanced = useMemo(() => balancedDevices(known), [known]);

  const now = useNow(5_000);
  const days = useDays(known, now);
  const daysError = useLastError(days);
  const budgets = useBudgets();
  const { watch, isInSight, heightOf } = useInSight();
  const latest = useLatest(ids, isInSight);
  useWatch(ids);

  if (findError) return <ErrorState error={findError} retrying={found.isFetching} onRetry={() => void found.refetch()} />;
  if (!devices) return <DashboardSkeleton />;
  if (devices.length === 0 && !search) return <NoDevices isAdmin={isAdmin} />;

  const deviceDays = devices.flatMap((device) => {
    const { id } = device;
    const today = days.today.get(id);
    return today ? [readDeviceDay(device, today, [days.yesterday.get(id), days.lastWeek.get(id)], now)] : [];
  });
  const dayOf = new Map(deviceDays.map((day) => [day.device.id, day]));
  const consuming = devices.filter(({ direction }) => direction !== 'production');
  const powered = consuming.length > 0 ? consuming : devices;
  const powers = powered.flatMap(({ id, reporting_interval_seconds: interval }) => {
    const newest = latest.get(id);
    return newest && !isSilent(newest, interval, now) ? [powerOf(newest.measurement_value, interval)] : [];
  });

  return (
    <div className="grid gap-5 lg:gap-6">
      <title>Overview · EnergyAspire</title>
      <header className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <h1 className="text-2xl font-semibold tracking-tight lg:text-3xl">Overview</h1>
        {(isAdmin || known.length > few || search !== '') && (
          <div className="w-full sm:w-72">
            <SearchBox label="Search devices" value={search} onChange={setSearch} />
          </div>
        )}
      </header>

      {daysError ? (
        <div className="card">
          <ErrorState level={2} error={daysError} retrying={days.isFetching} onRetry={days.refetch} />
        </div>
      ) : (
        devices.length > 0 && (
          <TodaySection
            days={days.data ? deviceDays : undefined}
            powers={powers}
            count={powered.length}
            only={
              more
                ? `the first ${devices.length}${total === undefined ? '' : ` of ${formatNumber(total)}`} devices by name`
                : search && 'of the devices that are found'
            }
            colors={colors}
            comparisons={days.comparisons}
            updatedAt={days.updatedAt}
            now={now}
          />
        )
      )}

      {/* Of an administrator's devices only those that are searched for are known, and a part of a site has no balance. */}
      {balanced.length > 0 && !more && !(isAdmin && search) && <BalanceSection devices={balanced} />}

      <section aria-labelledby="devices">
        <div className="mb-3 flex items-center justify-between gap-4 px-1">
          <h2 id="devices" className="text-sm font-semibold text-ink-soft">
            Devices {devices.length > few && !more && <span className="font-normal text-ink-faint">{devices.length}</span>}
          </h2>
          {isAdmin && (
            <Link to="/devices" className="flex items-center gap-1 rounded text-sm font-semibold text-accent hover:underline">
              Manage devices
              <ArrowRight aria-hidden="true" className="size-4" />
            </Link>
          )}
        </div>
        {devices.length === 0 ? (
          <div className="card">
            <StateMessage level={2} icon={SearchX} title="No device is called that">
              Search for another part of its name or description.
            </StateMessage>
          </div>
        ) : (
          <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
            {devices.map((device) => (
              <DeviceCard
                key={device.id}
                device={device}
                detail={details.get(device.id)}
                color={colors.get(device.id) ?? '--device-1'}
                day={dayOf.get(device.id)}
                latest={latest.get(device.id)}
                hasBudget={budgets.data?.has(device.id) === true}
                now={now}
                watch={watch}
                drawn={isInSight(device.id)}
                height={heightOf(device.id)}
              />
            ))}
          </ul>
        )}
        {more && (
          <p className="mt-4 text-center text-sm text-ink-soft">
            These are the first {devices.length} by name. Search for the others; what is found is added up above.
          </p>
        )}
      </section>
    </div>
  );
}

/** More devices than these, and a search helps. */
const few = 8;

function NoDevices({ isAdmin }: { isAdmin: boolean }) {
  return (
    <div className="card">
      <title>Overview · EnergyAspire</title>
      <StateMessage
        icon={PlugZap}
        title="No devices yet"
        action={
          isAdmin && (
            <Link to="/devices" className="font-semibold text-accent underline underline-offset-4">
              Add the first device
            </Link>
          )
        }
      >
        {isAdmin
          ? 'Once a device is there and its meter reports, its consumption appears here by itself.'
          : 'Ask whoever runs this installation to assign your meters to you. They appear here by themselves.'}
      </StateMessage>
    </div>
  );
}

const DashboardSkeleton = () => (
  <div role="status" className="grid gap-5 lg:gap-6">
    <title>Overview · EnergyAspire</title>
    <span className="sr-only">Loading the overview</span>
    <Skeleton className="h-9 w-40" />
    <Skeleton className="h-80 rounded-(--radius-card)!" />
    <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
      <Skeleton className="h-56 rounded-(--radius-card)!" />
      <Skeleton className="h-56 rounded-(--radius-card)!" />
      <Skeleton className="h-56 rounded-(--radius-card)!" />
    </div>
  </div>
);
