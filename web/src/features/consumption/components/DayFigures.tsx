import type { ReactNode } from 'react';
import { energyParts, formatEnergy, formatMoney, formatShare } from '@/lib/energy';
import type { DayModel } from '../lib/dayModel';

interface Props {
  day: DayModel;
  /** Per kWh, in the installation's currency. */
  price: number | null;
}

/** The day in numbers: total first, and how much of it was really measured beside it. */
export function DayFigures({ day, price }: Props) {
  const total = energyParts(day.total);

  return (
    <div className="flex flex-wrap items-end justify-between gap-x-10 gap-y-5">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="text-5xl leading-none font-semibold tracking-tight">
          <span className="sr-only">Total </span>
          {total.value}
          <span className="ml-1.5 text-2xl font-medium text-ink-soft">{total.unit}</span>
        </span>
        {day.coverage !== null && <Coverage share={day.coverage} />}
      </p>

      <dl className="grid grow grid-cols-2 gap-x-8 gap-y-4 sm:flex sm:grow-0">
        <Figure name="Peak" note={day.peak?.span}>
          {day.peak?.energy == null ? '–' : formatEnergy(day.peak.energy)}
        </Figure>
        <Figure name="Average" note="per hour">
          {day.average === null ? '–' : formatEnergy(day.average)}
        </Figure>
        {price !== null && (
          <Figure name="Cost" note={`at ${formatMoney(price)} per kWh`}>
            {formatMoney(day.total * price)}
          </Figure>
        )}
        {day.hoursOver > 0 && (
          <Figure name="Over the limit" note={day.hoursOver === 1 ? 'hour' : 'hours'} alert>
            {day.hoursOver}
          </Figure>
        )}
      </dl>
    </div>
  );
}

interface FigureProps {
  name: string;
  note: string | undefined;
  alert?: boolean;
  children: ReactNode;
}

function Figure({ name, note, alert = false, children }: FigureProps) {
  return (
    <div>
      <dt className="text-sm text-ink-soft">{name}</dt>
      <dd>
        <span className={`block text-xl font-semibold tabular-nums ${alert ? 'text-alert' : ''}`}>{children}</span>
        <span className="block text-xs text-ink-faint tabular-nums">{note ?? '\u00a0'}</span>
      </dd>
    </div>
  );
}

function Coverage({ share }: { share: number }) {
  const full = share >= 1;

  return (
    <span
      title="Share of the expected readings of the finished hours that have arrived"
      className={`rounded-full px-2.5 py-1 text-xs font-semibold tabular-nums ${full ? 'bg-accent-soft text-accent' : 'bg-sunken text-ink-soft'}`}
    >
      {formatShare(share)} of readings
    </span>
  );
}
