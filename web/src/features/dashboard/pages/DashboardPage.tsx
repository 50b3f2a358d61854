import { ArrowRight, PlugZap, SearchX } from 'lucide-react';
import { useCallback, useMemo, type ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import { ErrorState } from '@/components/ui/ErrorState';
import { SearchBox } from '@/components/ui/SearchBox';
import { Skeleton } from '@/components/ui/Skeleton';
import { StateMessage } from '@/components/ui/StateMessage';
import { Coverage } from '@/features/consumption/components/Coverage';
import { LiveMark } from '@/features/consumption/components/LiveMark';
import { useSomeDevices } from '@/features/devices/api/devices';
import { deviceColors } from '@/features/devices/colors';
import { useLatest } from '@/features/live/latest';
import { useWatch } from '@/features/live/watched';
import { useSession } from '@/features/session/api/session';
import { energyParts, formatEnergy, formatMoney, powerOf, powerParts } from '@/lib/energy';
import { useLiveStatus } from '@/lib/liveStatus';
import { useLastError } from '@/lib/useLastError';
import { useNow } from '@/lib/useNow';
import { useDays } from '../api/days';
import { Change } from '../components/Change';
import { DeviceCard } from '../components/DeviceCard';
import { HourTable } from '../components/HourTable';
import { StackedHours } from '../components/StackedHours';
import { against, readDeviceDay, totals, type Against } from '../lib/overview';
import { isSilent } from '../lib/seen';

/** `/?search=`: today so far, power now, and each device at a glance. */
export function Component() {
  const [params, setParams] = useSearchParams();
  const search = params.get('search') ?? '';
  const isAdmin = useSession().data?.user?.role === 'admin';
  const found = useSomeDevices(search, isAdmin);
  const findError = useLastError(found);
  const { devices, known, more } = found;
  const ids = useMemo(() => devices?.map(({ id }) => id) ?? [], [devices]);
  const colors = useMemo(() => deviceColors(known?.map(({ id }) => id) ?? []), [known]);

  const now = useNow(5_000);
  const days = useDays(devices ?? [], now);
  const daysError = useLastError(days);
  const live = useLiveStatus() === 'live';
  const latest = useLatest(ids);
  useWatch(ids);

  const find = useCallback((text: string) => setParams(text ? { search: text } : {}, { replace: true }), [setParams]);

  if (findError) return <ErrorState error={findError} retrying={found.isFetching} onRetry={() => void found.refetch()} />;
  if (!devices) return <DashboardSkeleton />;
  if (devices.length === 0 && !search) return <NoDevices isAdmin={isAdmin} />;

  const deviceDays = devices.flatMap((device) => {
    const today = days.today.get(device.id);
    return today ? [readDeviceDay(device, today, days.yesterday.get(device.id), days.lastWeek.get(device.id), now)] : [];
  });
  const { energy, cost, priced, coverage } = totals(deviceDays);
  const total = energyParts(energy);
  const awake = devices.flatMap(({ id, reporting_interval_seconds: interval }) => {
    const newest = latest.get(id);
    return newest && !isSilent(newest, interval, now) ? [powerOf(newest.measurement_value, interval)] : [];
  });
  const power = awake.length > 0 ? powerParts(awake.reduce((sum, kw) => sum + kw, 0)) : null;
  const searchable = isAdmin || more || search !== '';

  return (
    <div className="grid gap-5 lg:gap-6">
      <title>Overview · EnergyAspire</title>
      <header className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <h1 className="text-2xl font-semibold tracking-tight lg:text-3xl">Overview</h1>
        {searchable && (
          <div className="w-full sm:w-72">
            <SearchBox label="Search devices" value={search} onChange={find} />
          </div>
        )}
      </header>

      {daysError ? (
        <div className="card">
          <ErrorState level={2} error={daysError} retrying={days.isFetching} onRetry={days.refetch} />
        </div>
      ) : (
        devices.length > 0 && (
          <section aria-labelledby="today" className="card">
            <div className="grid gap-8 p-5 lg:grid-cols-[minmax(15rem,19rem)_minmax(0,1fr)] lg:p-7">
              <div className="grid content-start gap-6">
                <div>
                  <h2 id="today" className="text-sm font-semibold text-ink-soft">
                    Today so far{more && `, the first ${devices.length} devices`}
                  </h2>
                  {days.data ? <LiveMark live={live} updatedAt={days.updatedAt} /> : null}
                  {days.data ? (
                    <p className="mt-4 text-5xl leading-none font-semibold tracking-tight">
                      {total.value}
                      <span className="ml-1.5 text-2xl font-medium text-ink-soft">{total.unit}</span>
                    </p>
                  ) : (
                    <Skeleton className="mt-4 h-12 w-40" />
                  )}
                  {days.data && coverage !== null ? (
                    <p className="mt-3">
                      <Coverage share={coverage} />
                    </p>
                  ) : null}
                </div>
                <dl className="grid grid-cols-2 gap-x-6 gap-y-5">
                  <Tile
                    name="Power now"
                    note={power ? `of ${awake.length} ${awake.length === 1 ? 'device' : 'devices'}` : 'No recent reading'}
                  >
                    {power ? `${power.value}\u00a0${power.unit}` : '–'}
                  </Tile>
                  <Tile
                    name="Cost"
                    note={priced < deviceDays.length ? `of ${priced} of ${deviceDays.length} devices` : 'today so far'}
                  >
                    {cost === null ? '–' : formatMoney(cost)}
                  </Tile>
                  <AgainstTile
                    name="Against yesterday"
                    against={against(deviceDays, 'yesterday')}
                    of={devices.length}
                    state={days.comparisons.yesterday}
                  />
                  <AgainstTile
                    name="Against a week ago"
                    against={against(deviceDays, 'lastWeek')}
                    of={devices.length}
                    state={days.comparisons.lastWeek}
                  />
                </dl>
              </div>
              {days.data && deviceDays.length > 0 ? (
                <div className="pt-6">
                  <StackedHours days={deviceDays} colors={colors} />
                </div>
              ) : (
                <Skeleton className="h-64 w-full" />
              )}
            </div>
            {days.data && deviceDays.length > 0 && <HourTable days={deviceDays} />}
          </section>
        )
      )}

      <section aria-labelledby="devices">
        <div className="mb-3 flex items-center justify-between gap-4 px-1">
          <h2 id="devices" className="text-sm font-semibold text-ink-soft">
            Devices
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
                color={colors.get(device.id) ?? '--device-1'}
                day={deviceDays.find((day) => day.device.id === device.id)}
                latest={latest.get(device.id)}
                now={now}
              />
            ))}
          </ul>
        )}
        {more && (
          <p className="mt-4 text-center text-sm text-ink-soft">These are the first {devices.length}. Search for the others.</p>
        )}
      </section>
    </div>
  );
}

const Tile = ({ name, note, children }: { name: string; note: ReactNode; children: ReactNode }) => (
  <div>
    <dt className="text-sm text-ink-soft">{name}</dt>
    <dd>
      <span className="block text-xl font-semibold tabular-nums">{children}</span>
      <span className="block text-xs text-ink-faint tabular-nums">{note}</span>
    </dd>
  </div>
);

interface AgainstProps {
  name: string;
  against: Against | null;
  /** How many devices there are; of some there may be nothing to compare with. */
  of: number;
  state: 'there' | 'pending' | 'failed';
}

/** Up to the last finished hour, which is the same time of day on both sides. */
const AgainstTile = ({ name, against: fair, of, state }: AgainstProps) =>
  fair ? (
    <Tile
      name={name}
      note={`${formatEnergy(fair.now)} to ${formatEnergy(fair.then)} at the same time${fair.devices < of ? `, ${fair.devices} of ${of} devices` : ''}`}
    >
      <Change against={fair} />
    </Tile>
  ) : (
    <Tile name={name} note={state === 'there' ? 'Nothing to compare' : state === 'failed' ? 'Could not be loaded' : 'Loading'}>
      –
    </Tile>
  );

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
