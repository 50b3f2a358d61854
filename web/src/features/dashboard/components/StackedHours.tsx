import { clsx } from 'clsx';
import { useState } from 'react';
import { Name } from '@/components/ui/Name';
import type { Bar } from '@/features/consumption/lib/periodModel';
import { formatEnergy, sumEnergy } from '@/lib/energy';
import { plainName } from '@/lib/name';
import { hoursOf, type Series } from '../lib/overview';
import { SignedBars, type Column, type Part } from './SignedBars';

/** The hours of today, one upon the other, production below the axis; as figures they are in {@link HourTable}. A press on a name leaves that one alone. */
export function StackedHours({ series }: { series: readonly Series[] }) {
  const [focus, setFocus] = useState<string | null>(null);
  const focused = series.some(({ key }) => key === focus) ? focus : null;
  // What a generator produced and a two-way meter fed in would be drawn twice.
  const twice =
    focused === null && series.some(({ produces, isFeedIn }) => produces && !isFeedIn) && series.some(({ isFeedIn }) => isFeedIn);
  const columns = hoursOf(series.filter(({ key, isFeedIn }) => (focused === null ? !(twice && isFeedIn) : key === focused)));
  const foreign = series[0]?.days[0]?.today.foreignZone;
  const has = (...states: Bar['state'][]) =>
    columns.some(({ parts }) => parts.some(({ bar }) => bar && states.includes(bar.state)));

  return (
    <div>
      <SignedBars columns={columns.map(columnOf)} narrowEvery={6} />

      {has('incomplete', 'missing') && (
        <p className="mt-3 text-xs text-ink-faint">
          Hatched where some readings are missing, with a dot on the ground where all of a device’s are.
        </p>
      )}
      {twice && <p className="mt-3 text-xs text-ink-faint">What is fed in is a part of the production and isn’t drawn again.</p>}
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

function columnOf({ slot, name, tick, labelled, parts }: ReturnType<typeof hoursOf>[number]): Column {
  const bars = (produces: boolean): Part[] =>
    parts.flatMap(({ series: { key, color, produces: given }, bar }) =>
      given === produces && bar?.energy != null
        ? [
            {
              key,
              color,
              energy: bar.energy,
              className: clsx(bar.state === 'running' && 'opacity-55', bar.state === 'incomplete' && 'hatched'),
            },
          ]
        : [],
    );
  const known = parts.flatMap(({ bar }) => bar?.energy ?? []);

  return {
    key: slot,
    title: [name, ...parts.flatMap(({ series: one, bar }) => inWords(plainName(one.name), bar))].join('\n'),
    tick,
    labelled,
    up: bars(false),
    down: bars(true),
    mark: parts.some(({ bar }) => bar?.state === 'missing')
      ? 'missing'
      : known.length > 0 && sumEnergy(known) === 0
        ? 'zero'
        : undefined,
  };
}

function inWords(device: string, bar: Bar | undefined) {
  if (bar?.energy != null) return [`${device} ${formatEnergy(bar.energy)}`];
  return bar?.state === 'missing' ? [`${device}: no readings`] : [];
}
