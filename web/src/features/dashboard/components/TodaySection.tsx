import { clsx } from 'clsx';
import { useMemo, type ReactNode } from 'react';
import { Skeleton } from '@/components/ui/Skeleton';
import { Coverage } from '@/features/consumption/components/Coverage';
import { LiveMark } from '@/features/consumption/components/LiveMark';
import { energyParts, formatEnergy, powerParts } from '@/lib/energy';
import { useLiveStatus } from '@/lib/liveStatus';
import { useSearchParam } from '@/lib/useSearchParam';
import { formatOffset } from '@/lib/zone';
import {
  against,
  byClock,
  byDirection,
  energyOf,
  mainOf,
  seriesOf,
  totals,
  type Against,
  type Clock,
  type DeviceDay,
} from '../lib/overview';
import { Change } from './Change';
import { HourTable } from './HourTable';
import { StackedHours } from './StackedHours';

type Comparison = 'there' | 'pending' | 'failed';

interface Props {
  /** Undefined until all of them are there: part of a sum is none. */
  days: readonly DeviceDay[] | undefined;
  /** Of the devices that have just reported, in kW. */
  powers: readonly number[];
  /** How many devices there are. */
  count: number;
  /** Which devices are added up, where those aren't all. */
  only: string;
  colors: ReadonlyMap<string, string>;
  comparisons: { yesterday: Comparison; lastWeek: Comparison };
  updatedAt: number;
  now: Date;
}

/** Today so far: the sum, what it is compared with, and its hours. Devices whose today isn't the same hours are added up apart. */
export function TodaySection({ days, powers, count, only, colors, comparisons, updatedAt, now }: Props) {
  const live = useLiveStatus() === 'live';
  const [wanted, setWanted] = useSearchParam('clock');
  const clocks = days && byClock(days, now);
  const clock = clocks?.find(({ zone }) => zone === wanted) ?? clocks?.[0];
  const shown = clock?.days;
  const series = useMemo(() => seriesOf(shown ?? [], colors), [shown, colors]);
  const several = clocks !== undefined && clocks.length > 1;
  const { cost, priced, coverage } = totals(shown ?? []);
  const { consumers, generators, feedIns } = byDirection(shown ?? []);
  const main = mainOf(shown ?? []);
  const total = energyParts(energyOf(main));
  const power = powers.length > 0 ? powerParts(powers.reduce((sum, kw) => sum + kw, 0)) : null;
  const of = shown?.length ?? count;

  return (
    <section aria-labelledby="today" className="card">
      <div className="grid gap-8 p-5 lg:grid-cols-[minmax(15rem,19rem)_minmax(0,1fr)] lg:p-7">
        <div className="grid content-start gap-6">
          <div>
            <h2 id="today" className="text-sm font-semibold text-ink-soft">
              {[
                consumers.length > 0 || main.length === 0 ? 'Today so far' : 'Produced today so far',
                several && clock && `in ${clockName(clock)}`,
                only && `, ${only}`,
              ]
                .filter(Boolean)
                .join(' ')
                .replace(' ,', ',')}
            </h2>
            {shown && <LiveMark live={live} updatedAt={updatedAt} />}
            {shown ? (
              <p className="mt-4 text-5xl leading-none font-semibold tracking-tight">
                {total.value}
                <span className="ml-1.5 text-2xl font-medium text-ink-soft">{total.unit}</span>
              </p>
            ) : (
              <Skeleton className="mt-4 h-12 w-40" />
            )}
            {coverage !== null && shown && (
              <p className="mt-3">
                <Coverage share={coverage} />
              </p>
            )}
          </div>
          <dl className="grid grid-cols-2 gap-x-6 gap-y-5">
            <Tile
              name="Power now"
              note={
                power
                  ? `of ${powers.length === count ? '' : `${powers.length} of `}${count} ${count === 1 ? 'device' : 'devices'}${several ? ' in all zones' : ''}`
                  : 'No recent reading'
              }
            >
              {power ? `${power.value}\u00a0${power.unit}` : '–'}
            </Tile>
            <Tile
              name="Cost"
              note={[
                priced < of ? `of ${priced} of ${of} devices` : 'today so far',
                consumers.length < of && 'less what is paid for production',
              ]
                .filter(Boolean)
                .join(', ')}
            >
              {cost ?? '–'}
            </Tile>
            {consumers.length > 0 && generators.length > 0 && (
              <Tile name="Produced" note="today so far">
                {formatEnergy(energyOf(generators))}
              </Tile>
            )}
            {consumers.length + generators.length > 0 && feedIns.length > 0 && (
              <Tile name="Fed in" note="today so far">
                {formatEnergy(energyOf(feedIns))}
              </Tile>
            )}
            <AgainstTile
              name="Against yesterday"
              against={shown ? against(main, 'yesterday') : null}
              of={main.length}
              state={comparisons.yesterday}
            />
            <AgainstTile
              name="Against a week ago"
              against={shown ? against(main, 'lastWeek') : null}
              of={main.length}
              state={comparisons.lastWeek}
            />
          </dl>
        </div>
        {shown && shown.length > 0 ? (
          <div className="min-w-0">
            {several && <Clocks clocks={clocks} chosen={clock} onChoose={({ zone }) => setWanted(zone)} />}
            <div className="pt-6">
              <StackedHours series={series} />
            </div>
          </div>
        ) : (
          <Skeleton className="h-64 w-full" />
        )}
      </div>
      {shown && shown.length > 0 && <HourTable series={series} />}
    </section>
  );
}

const clockName = ({ zone, offset }: Clock) => (zone === 'UTC' ? zone : `${zone} (${formatOffset(offset)})`);

interface ClocksProps {
  clocks: readonly Clock[];
  chosen: Clock | undefined;
  onChoose: (clock: Clock) => void;
}

/** The sum of each clock's devices; the chosen one's hours are shown. */
const Clocks = ({ clocks, chosen, onChoose }: ClocksProps) => (
  <div>
    <p id="clocks" className="text-xs text-ink-faint">
      Today isn’t the same hours in all zones of these devices, so each zone has a sum of its own.
    </p>
    <ul aria-labelledby="clocks" className="mt-2 flex flex-wrap gap-1.5">
      {clocks.map((clock) => (
        <li key={clock.zone}>
          <button
            type="button"
            aria-pressed={clock === chosen}
            onClick={() => onChoose(clock)}
            className={clsx(
              'rounded-xl border px-3 py-1.5 text-left text-xs',
              clock === chosen ? 'border-accent bg-accent-soft' : 'border-line hover:bg-sunken',
            )}
          >
            <span className="block">{clockName(clock)}</span>
            <span className="font-semibold tabular-nums">{formatEnergy(energyOf(mainOf(clock.days)))}</span>{' '}
            <span className="text-ink-soft">
              of {clock.days.length} {clock.days.length === 1 ? 'device' : 'devices'}
            </span>
          </button>
        </li>
      ))}
    </ul>
  </div>
);

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
  state: Comparison;
}

/** Up to the last finished hour, which is the same time of day on both sides. */
const AgainstTile = ({ name, against: fair, of, state }: AgainstProps) =>
  fair ? (
    <Tile
      name={name}
      note={`${formatEnergy(fair.now)} now, ${formatEnergy(fair.then)} then, by the same hour${fair.devices < of ? `, ${fair.devices} of ${of} devices` : ''}`}
    >
      <Change against={fair} />
    </Tile>
  ) : (
    <Tile name={name} note={state === 'there' ? 'Nothing to compare' : state === 'failed' ? 'Could not be loaded' : 'Loading'}>
      –
    </Tile>
  );
