import { clsx } from 'clsx';
import { sumEnergy } from '@/lib/energy';
import { energy } from '@/lib/measure';

export interface Part {
  key: string;
  /** CSS variable. */
  color: string;
  /** kWh */
  energy: number;
  className?: string | false;
}

export interface Column {
  key: string;
  /** What is told of it when it is pointed at. */
  title: string;
  tick: string;
  labelled: boolean;
  /** Upon each other, the first one on the axis. */
  up: readonly Part[];
  /** Below each other, the first one at the axis. */
  down: readonly Part[];
  /** Nothing used is a line on the axis; nothing known is a dot. */
  mark?: 'zero' | 'missing' | undefined;
}

interface Props {
  columns: readonly Column[];
  /** Every so many ticks one has a label on a narrow screen. */
  narrowEvery: number;
}

const total = (parts: readonly Part[]) => sumEnergy(parts.map((part) => part.energy));

/** Energies by time, those that are taken above the axis and those that are given below it. A table has the same figures to read. */
export function SignedBars({ columns, narrowEvery }: Props) {
  const [highest, lowest] = [
    Math.max(...columns.map(({ up }) => total(up))),
    Math.max(...columns.map(({ down }) => total(down))),
  ];
  const axis = energy.axis(Math.max(highest, lowest));
  const steps = (value: number, least: number) => Math.max(least, Math.ceil(axis.of(value) / axis.step - 1e-9));
  const below = lowest > 0 ? steps(lowest, 1) : 0;
  const above = steps(highest, below > 0 ? 1 : Math.round(axis.max / axis.step));
  const ground = below / (above + below);
  const ticks = Array.from({ length: above + below + 1 }, (_, index) => index - below);
  const at = (tick: number) => `${((tick + below) / (above + below)) * 100}%`;
  const share = (kwh: number) => `${((axis.of(kwh) / axis.step) * 100) / (above + below)}%`;

  return (
    <div aria-hidden="true" className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 text-xs text-ink-faint tabular-nums">
      <div className={clsx('relative w-8', below > 0 ? 'h-64' : 'h-52')}>
        {ticks.map((tick) => (
          <span key={tick} className="absolute right-0 translate-y-1/2" style={{ bottom: at(tick) }}>
            {axis.tick(Math.abs(tick) * axis.step)}
          </span>
        ))}
        <span className="absolute right-0 -top-6">{axis.name}</span>
      </div>
      <div className="relative">
        {ticks.map((tick) => (
          <span
            key={tick}
            className={clsx(
              'absolute inset-x-0 border-t',
              tick === 0 && below > 0 ? 'border-ink-faint' : 'border-line',
              tick !== 0 && 'border-dashed',
            )}
            style={{ bottom: at(tick) }}
          />
        ))}
        <div className="absolute inset-0 flex">
          {columns.map(({ key, title, up, down, mark }) => (
            <div key={key} title={title} className="relative h-full min-w-0 flex-1 hover:bg-ink/5">
              {/* Both stacks begin at the axis; heights are shares of the whole. */}
              <div className="absolute inset-x-0 flex h-full flex-col-reverse items-center" style={{ top: `${-ground * 100}%` }}>
                {up.map((part) => (
                  <Bar key={part.key} part={part} height={share(part.energy)} end="last:rounded-t-sm" />
                ))}
              </div>
              <div className="absolute inset-x-0 flex h-full flex-col items-center" style={{ top: `${(1 - ground) * 100}%` }}>
                {down.map((part) => (
                  <Bar key={part.key} part={part} height={share(part.energy)} end="last:rounded-b-sm" />
                ))}
              </div>
              {mark && (
                <span
                  className={clsx(
                    'absolute left-1/2 -translate-x-1/2 bg-ink-faint',
                    mark === 'zero' ? 'h-0.5 w-3/4' : 'size-1 rounded-full',
                  )}
                  style={{ bottom: at(0) }}
                />
              )}
            </div>
          ))}
        </div>
      </div>
      <span />
      <div className="mt-2 flex">
        {columns.map(({ key, tick, labelled }, index) => (
          <span key={key} className={clsx('min-w-0 flex-1 text-center whitespace-nowrap', index % 2 === 1 && 'max-sm:invisible')}>
            {labelled && <span className={clsx('-mx-4 inline-block', index % narrowEvery !== 0 && 'max-sm:hidden')}>{tick}</span>}
          </span>
        ))}
      </div>
    </div>
  );
}

const Bar = ({ part: { color, className }, height, end }: { part: Part; height: string; end: string }) => (
  <span
    className={clsx('w-3/4 shrink-0 transition-[height] duration-300', end, className)}
    style={{ height, backgroundColor: `var(${color})` }}
  />
);
