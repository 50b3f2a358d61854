import { clsx } from 'clsx';
import { useState } from 'react';
import { Name } from '@/components/ui/Name';
import type { Bar } from '@/features/consumption/lib/periodModel';
import { formatEnergy, sumEnergy } from '@/lib/energy';
import { energy } from '@/lib/measure';
import { plainName } from '@/lib/name';
import { hoursOf, type Series } from '../lib/overview';

/** The hours of today, one upon the other; as figures they are in {@link HourTable}. A press on a name leaves that one alone. */
export function StackedHours({ series }: { series: readonly Series[] }) {
  const [focus, setFocus] = useState<string | null>(null);
  const focused = series.some(({ key }) => key === focus) ? focus : null;
  const columns = hoursOf(series.filter(({ key }) => focused === null || key === focused));
  const foreign = series[0]?.days[0]?.today.foreignZone;
  const has = (...states: Bar['state'][]) =>
    columns.some(({ parts }) => parts.some(({ bar }) => bar && states.includes(bar.state)));
  const sums = columns.map(({ parts }) => sumEnergy(parts.map(({ bar }) => bar?.energy ?? 0)));
  const axis = energy.axis(Math.max(...sums));
  const ticks = Array.from({ length: Math.round(axis.max / axis.step) + 1 }, (_, index) => index * axis.step);
  const share = (kwh: number) => `${(axis.of(kwh) / axis.max) * 100}%`;

  return (
    <div>
      <div aria-hidden="true" className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 text-xs text-ink-faint tabular-nums">
        <div className="relative h-52 w-8">
          {ticks.map((tick) => (
            <span key={tick} className="absolute right-0 translate-y-1/2" style={{ bottom: `${(tick / axis.max) * 100}%` }}>
              {axis.tick(tick)}
            </span>
          ))}
          <span className="absolute right-0 -top-6">{axis.name}</span>
        </div>
        <div className="relative h-52">
          {ticks.map((tick) => (
            <span
              key={tick}
              className={clsx('absolute inset-x-0 border-t border-line', tick > 0 && 'border-dashed')}
              style={{ bottom: `${(tick / axis.max) * 100}%` }}
            />
          ))}
          <div className="absolute inset-0 flex items-end">
            {columns.map(({ name, parts }, hour) => (
              <div
                key={hour}
                title={[name, ...parts.flatMap(({ series: one, bar }) => inWords(plainName(one.name), bar))].join('\n')}
                className="relative flex h-full min-w-0 flex-1 flex-col-reverse items-center hover:bg-ink/5"
              >
                {parts.map(
                  ({ series: { key, color }, bar }) =>
                    bar?.energy != null && (
                      <span
                        key={key}
                        className={clsx(
                          'w-3/4 transition-[height] duration-300 last:rounded-t-sm',
                          bar.state === 'running' && 'opacity-55',
                          bar.state === 'incomplete' && 'hatched',
                        )}
                        style={{ height: share(bar.energy), backgroundColor: `var(${color})` }}
                      />
                    ),
                )}
                {/* Nothing used is a line on the ground; nothing known is a dot. */}
                {sums[hour] === 0 && parts.some(({ bar }) => bar?.energy === 0) && (
                  <span className="absolute bottom-0 h-0.5 w-3/4 bg-ink-faint" />
                )}
                {parts.some(({ bar }) => bar?.state === 'missing') && (
                  <span className="absolute bottom-0 size-1 rounded-full bg-ink-faint" />
                )}
              </div>
            ))}
          </div>
        </div>
        <span />
        <div className="mt-2 flex">
          {columns.map(({ tick, labelled }, hour) => (
            <span
              key={hour}
              className={clsx('min-w-0 flex-1 text-center whitespace-nowrap', hour % 2 === 1 && 'max-sm:invisible')}
            >
              {labelled && <span className={clsx('-mx-4 inline-block', hour % 6 !== 0 && 'max-sm:hidden')}>{tick}</span>}
            </span>
          ))}
        </div>
      </div>

      {has('incomplete', 'missing') && (
        <p className="mt-3 text-xs text-ink-faint">
          Hatched where some readings are missing, with a dot on the ground where all of a device’s are.
        </p>
      )}
      {foreign && (
        <p className="mt-3 text-xs text-ink-faint">
          Hours are those of the devices’ clock, which isn’t yours: {foreign.name} ({foreign.offset}).
        </p>
      )}

      <ul aria-label="Devices in the chart" className="mt-4 flex flex-wrap gap-1.5">
        {series.map(({ key, name, color, total }) => {
          const pressed = focused === key;
          return (
            <li key={key} className="max-w-full">
              <button
                type="button"
                aria-pressed={pressed}
                onClick={() => setFocus(pressed ? null : key)}
                className={clsx(
                  'flex h-8 max-w-full items-center gap-2 rounded-full border px-3 text-xs transition-opacity',
                  pressed ? 'border-accent bg-accent-soft' : 'border-line hover:bg-sunken',
                  focused !== null && !pressed && 'text-ink-faint',
                )}
              >
                <span aria-hidden="true" className="size-2.5 shrink-0 rounded-full" style={{ background: `var(${color})` }} />
                <Name truncate className="min-w-0">
                  {name}
                </Name>
                <span className="font-semibold whitespace-nowrap tabular-nums">{formatEnergy(total)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function inWords(device: string, bar: Bar | undefined) {
  if (bar?.energy != null) return [`${device} ${formatEnergy(bar.energy)}`];
  return bar?.state === 'missing' ? [`${device}: no readings`] : [];
}
