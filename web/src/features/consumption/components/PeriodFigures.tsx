import type { ReactNode } from 'react';
import { formatChange, formatEnergy, formatMoney, formatPrice } from '@/lib/energy';
import type { Measure } from '@/lib/measure';
import type { FairComparison } from '../lib/compare';
import type { Granularity } from '../lib/period';
import { costWithBase, type PeriodModel } from '../lib/periodModel';
import { Coverage } from './Coverage';

interface Props {
  period: PeriodModel;
  measure: Measure;
  /** The present one per kWh of a device without a tariff. */
  price: number | null;
  hoursOver: number;
  /** `name` is what it is compared with; no `fair` when nothing can be compared. */
  comparison: { name: string; fair: FairComparison | null } | null;
}

const perBar = { hour: 'per hour', day: 'per day', month: 'per month' };

/** The period in numbers: total first, and how much of it was really measured beside it. */
export function PeriodFigures({ period, measure, price, hoursOver, comparison }: Props) {
  const total = measure.parts(period.total);
  const cost = costWithBase(period);

  return (
    <div className="flex flex-wrap items-end justify-between gap-x-10 gap-y-5">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="text-5xl leading-none font-semibold tracking-tight tabular-nums">
          <span className="sr-only">
            {measure.kind !== 'money' ? 'Total ' : period.produces ? 'Total earned ' : 'Total cost '}
          </span>
          {total.value}
          {total.unit && <span className="ml-1.5 text-2xl font-medium text-ink-soft">{total.unit}</span>}
        </span>
        {period.coverage !== null && <Coverage share={period.coverage} />}
      </p>

      <dl className="grid grow grid-cols-2 gap-x-8 gap-y-4 sm:flex sm:grow-0 sm:flex-wrap">
        {comparison && <ComparisonFigure {...comparison} measure={measure} granularity={period.granularity} />}
        <Figure name="Peak" note={period.peak?.name}>
          {period.peak?.energy == null ? '–' : measure.format(period.peak.energy)}
        </Figure>
        <Figure name="Average" note={perBar[period.granularity]}>
          {period.average === null ? '–' : measure.format(period.average)}
        </Figure>
        {cost !== null && measure.kind === 'energy' && (
          <Figure name={period.produces ? 'Earned' : 'Cost'} note={priceNote(period, price)}>
            {formatMoney(cost, period.currency)}
          </Figure>
        )}
        {measure.kind === 'money' && period.baseCost !== null && (
          <Figure name="Base price" note="besides">
            {formatMoney(period.baseCost, period.currency)}
          </Figure>
        )}
        {measure.kind === 'money' && period.unpriced > 0 && (
          <Figure name="Without a price" note="in no figure here">
            {formatEnergy(period.unpriced)}
          </Figure>
        )}
        {hoursOver > 0 && (
          <Figure name="Over the limit" note={hoursOver === 1 ? 'hour' : 'hours'} tone="text-alert">
            {hoursOver}
          </Figure>
        )}
      </dl>
    </div>
  );
}

/** Whether all of it had the present price, as cents can tell, and what had none. */
function priceNote({ total, cost, baseCost, currency, unpriced }: PeriodModel, price: number | null) {
  const same = price !== null && Math.abs((cost ?? 0) - (total - unpriced) * price) < 0.000_001;
  const at = same ? `at ${formatPrice(price, currency)} per kWh` : 'at the prices of that time';

  return [
    at,
    baseCost !== null && `with ${formatMoney(baseCost, currency)} base price`,
    unpriced > 0 && `${formatEnergy(unpriced)} without a price`,
  ]
    .filter(Boolean)
    .join(', ');
}

interface ComparisonProps {
  name: string;
  fair: FairComparison | null;
  measure: Measure;
  granularity: Granularity;
}

function ComparisonFigure({ name, fair, measure, granularity }: ComparisonProps) {
  const title = `Against ${name}`;

  if (!fair) {
    return (
      <Figure name={title} note="Nothing to compare">
        –
      </Figure>
    );
  }

  const change = formatChange(fair.now, fair.then);

  return (
    <Figure
      name={title}
      note={
        <>
          {measure.format(fair.now)} now, {measure.format(fair.then)} then
          {fair.until && `, up to ${fair.until.name.replace(/^.*–/, '')}`}
          {fair.leftOut > 0 && <span className="block">{leftOut(fair.leftOut, granularity, measure)}</span>}
        </>
      }
    >
      {change ?? measure.format(fair.now)}
    </Figure>
  );
}

/** An hour with half of its readings says nothing beside a whole one. */
const leftOut = (count: number, granularity: Granularity, { kind }: Measure) =>
  `${count} ${granularity}${count === 1 ? '' : 's'} left out, readings ${kind === 'money' ? 'or prices ' : ''}missing`;

interface FigureProps {
  name: string;
  note: ReactNode;
  tone?: string;
  children: ReactNode;
}

function Figure({ name, note, tone = '', children }: FigureProps) {
  return (
    <div>
      <dt className="text-sm text-ink-soft">{name}</dt>
      <dd>
        <span className={`block text-xl font-semibold tabular-nums ${tone}`}>{children}</span>
        <span className="block text-xs text-ink-faint tabular-nums">{note ?? '\u00a0'}</span>
      </dd>
    </div>
  );
}
