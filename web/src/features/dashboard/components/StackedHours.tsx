import { clsx } from 'clsx';
import { useState } from 'react';
import type { Bar } from '@/features/consumption/lib/periodModel';
import { formatEnergy } from '@/lib/energy';
import { energy } from '@/lib/measure';
import { hoursOf, type DeviceDay } from '../lib/overview';

interface Props {
  days: readonly DeviceDay[];
  colors: ReadonlyMap<string, string>;
}

/** The hours of today, device upon device; as figures they are in {@link HourTable}. A press on a name leaves that device alone. */
export function StackedHours({ days, colors }: Props) {
  const [focus, setFocus] = useState<string | null>(null);
  const shown = days.filter(({ device }) => focus === null || device.id === focus);
  const columns = hoursOf(shown);
  const foreign = new Set(days.flatMap(({ today: { foreignZone: zone } }) => (zone ? [`${zone.name} (${zone.offset})`] : [])));
  const incomplete = columns.some(({ parts }) =>
    parts.some(({ bar }) => bar?.state === 'incomplete' || bar?.state === 'missing'),
  );
  const sums = columns.map(({ parts }) => parts.reduce((sum, { bar }) => sum + (bar?.energy ?? 0), 0));
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
                title={[name, ...parts.flatMap(({ device, bar }) => inWords(device.name, bar))].join('\n')}
                className="relative flex h-full min-w-0 flex-1 flex-col-reverse items-center hover:bg-ink/5"
              >
                {parts.map(
                  ({ device, bar }) =>
                    bar?.energy != null && (
                      <span
                        key={device.id}
                        className={clsx(
                          'w-3/4 transition-[height] duration-300 last:rounded-t-sm',
                          bar.state === 'running' && 'opacity-55',
                          bar.state === 'incomplete' && 'hatched',
                        )}
                        style={{ height: share(bar.energy), backgroundColor: `var(${colors.get(device.id) ?? '--device-1'})` }}
                      />
                    ),
                )}
                {parts.some(({ bar }) => bar?.state === 'missing') && (
                  <span className="absolute bottom-0 h-0.5 w-3/4 bg-ink-faint" />
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

      {incomplete && (
        <p className="mt-3 text-xs text-ink-faint">
          Hatched where some readings are missing, with a dash on the ground where all of a device’s are.
        </p>
      )}
      {foreign.size > 0 && (
        <p className="mt-3 text-xs text-ink-faint">
          Hours are those of each device’s own clock, which is not everywhere yours: {[...foreign].join(', ')}.
        </p>
      )}

      <ul aria-label="Devices in the chart" className="mt-4 flex flex-wrap gap-1.5">
        {days.map(({ device, today }) => {
          const pressed = focus === device.id;
          return (
            <li key={device.id}>
              <button
                type="button"
                aria-pressed={pressed}
                onClick={() => setFocus(pressed ? null : device.id)}
                className={clsx(
                  'flex h-8 items-center gap-2 rounded-full border px-3 text-xs transition-opacity',
                  pressed ? 'border-accent bg-accent-soft' : 'border-line hover:bg-sunken',
                  focus !== null && !pressed && 'text-ink-faint',
                )}
              >
                <span
                  aria-hidden="true"
                  className="size-2.5 rounded-full"
                  style={{ background: `var(${colors.get(device.id) ?? '--device-1'})` }}
                />
                {device.name}
                <span className="font-semibold tabular-nums">{formatEnergy(today.total)}</span>
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
