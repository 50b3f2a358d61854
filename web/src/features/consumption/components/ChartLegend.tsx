import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { formatEnergy } from '@/lib/energy';
import { limitInView, type PeriodPicture } from '../lib/periodOption';
import type { BarState, PeriodModel } from '../lib/periodModel';

interface Props {
  picture: PeriodPicture;
  title: string;
  color: string;
}

const running: Record<PeriodModel['granularity'], string> = {
  hour: 'The hour going on',
  day: 'The day going on',
  month: 'The month going on',
};

/** Explains only what this period's chart really shows. */
export function ChartLegend({ picture: { period, compared, hoursOver }, title, color }: Props) {
  const has = (state: BarState) => period.bars.some((bar) => bar.state === state && (state === 'missing' || bar.energy !== null));
  const background = `var(${color})`;
  const limitUnseen = period.limit !== null && !limitInView(period);

  const entries = [
    compared && <Entry key="now" swatch={<Swatch color={background} />} text={title} />,
    compared && (
      <Entry key="then" swatch={<Swatch className="opacity-30" color="var(--ink-faint)" />} text={upper(compared.name)} />
    ),
    has('running') && (
      <Entry key="running" swatch={<Swatch className="opacity-55" color={background} />} text={running[period.granularity]} />
    ),
    has('incomplete') && (
      <Entry key="incomplete" swatch={<Swatch className="hatched" color={background} />} text="Some readings missing" />
    ),
    has('missing') && (
      <Entry
        key="missing"
        swatch={<Swatch className="hatched border border-line" color="var(--sunken)" />}
        text="No data, not zero"
      />
    ),
    period.bars.some(({ energy }) => energy === 0) && (
      <Entry key="zero" swatch={<Swatch className="h-0.5! rounded-none!" color={background} />} text="Zero, as measured" />
    ),
    period.hoursOver > 0 && <Entry key="over" swatch={<Swatch color="var(--alert)" />} text="Above the limit" />,
    hoursOver.size > 0 && (
      <Entry key="hours" swatch={<Swatch className="size-2! rounded-full!" color="var(--alert)" />} text="Hours over the limit" />
    ),
    limitUnseen && <li key="limit">The limit of {formatEnergy(period.limit ?? 0)} per hour lies above this chart.</li>,
  ].filter(Boolean);

  if (entries.length === 0) return null;
  return <ul className="mt-4 flex flex-wrap gap-x-5 gap-y-1.5 text-xs text-ink-soft">{entries}</ul>;
}

const upper = (text: string) => text.charAt(0).toLocaleUpperCase() + text.slice(1);

const Entry = ({ swatch, text }: { swatch: ReactNode; text: string }) => (
  <li className="flex items-center gap-2">
    {swatch}
    {text}
  </li>
);

const Swatch = ({ color, className }: { color: string; className?: string }) => (
  <span aria-hidden="true" className={clsx('size-3 rounded-[3px]', className)} style={{ backgroundColor: color }} />
);
