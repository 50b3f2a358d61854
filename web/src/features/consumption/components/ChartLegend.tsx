import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { formatEnergy } from '@/lib/energy';
import { limitInView } from '../lib/chartOption';
import type { DayModel, HourState } from '../lib/dayModel';

/** Explains only what this day's chart really shows. */
export function ChartLegend({ day, color }: { day: DayModel; color: string }) {
  const has = (state: HourState) =>
    day.hours.some((hour) => hour.state === state && (state === 'missing' || hour.energy !== null));
  const background = `var(${color})`;
  const limitUnseen = day.limit !== null && !limitInView(day);

  if (!has('running') && !has('incomplete') && !has('missing') && day.hoursOver === 0 && !limitUnseen) return null;

  return (
    <ul className="mt-4 flex flex-wrap gap-x-5 gap-y-1.5 text-xs text-ink-soft">
      {has('running') && <Entry swatch={<Swatch className="opacity-55" color={background} />}>The hour going on</Entry>}
      {has('incomplete') && <Entry swatch={<Swatch className="hatched" color={background} />}>Some readings missing</Entry>}
      {has('missing') && (
        <Entry swatch={<Swatch className="hatched border border-line" color="var(--sunken)" />}>No data, not zero</Entry>
      )}
      {day.hoursOver > 0 && <Entry swatch={<Swatch color="var(--alert)" />}>Above the limit</Entry>}
      {limitUnseen && <li>The limit of {formatEnergy(day.limit ?? 0)} per hour lies above this chart.</li>}
    </ul>
  );
}

const Entry = ({ swatch, children }: { swatch: ReactNode; children: ReactNode }) => (
  <li className="flex items-center gap-2">
    {swatch}
    {children}
  </li>
);

const Swatch = ({ color, className }: { color: string; className?: string }) => (
  <span aria-hidden="true" className={clsx('size-3 rounded-[3px]', className)} style={{ backgroundColor: color }} />
);
