import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { barRemark, type PeriodPicture } from '../lib/periodOption';

const names = { hour: ['Hour by hour', 'Hour'], day: ['Day by day', 'Day'], month: ['Month by month', 'Month'] };

/** The chart's figures to read instead of to look at. */
export function BarTable({ picture, caption }: { picture: PeriodPicture; caption: string }) {
  const { period, measure, compared, hoursOver } = picture;
  const [summary, column] = names[period.granularity];
  const numbers = 'text-right font-semibold whitespace-nowrap';

  return (
    <Fold summary={summary}>
      <table className="w-full text-sm tabular-nums">
        <caption className="sr-only">{caption}</caption>
        <thead className="text-left text-ink-faint">
          <tr className="border-b border-line [&>th]:py-2 [&>th]:pr-4 [&>th]:font-medium">
            <th scope="col">{column}</th>
            <th scope="col" className="text-right">
              {measure.kind !== 'money' ? 'Energy' : period.produces ? 'Earned' : 'Cost'}
            </th>
            {compared && (
              <th scope="col" className="text-right first-letter:uppercase">
                {compared.name}
              </th>
            )}
            <th scope="col" className="pl-6">
              Remark
            </th>
          </tr>
        </thead>
        <tbody>
          {period.bars.map((bar, index) => {
            const other = compared?.energies[index];
            const over = hoursOver.get(bar.key) ?? 0;

            return (
              <tr key={bar.key} className="border-b border-line last:border-0 [&>*]:py-1.5 [&>*]:pr-4">
                <th scope="row" className="text-left font-normal whitespace-nowrap">
                  {bar.name}
                </th>
                <td className={numbers}>{bar.energy === null ? '–' : measure.format(bar.energy)}</td>
                {compared && (
                  <td className={`${numbers} font-normal text-ink-soft`}>{other == null ? '–' : measure.format(other)}</td>
                )}
                <td className={`pl-6 ${bar.over || over > 0 ? 'text-alert' : 'text-ink-soft'}`}>{barRemark(bar, over)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Fold>
  );
}

interface FoldProps {
  summary: ReactNode;
  onToggle?: (open: boolean) => void;
  children: ReactNode;
}

/** A part of the card that is opened when wanted. */
export const Fold = ({ summary, onToggle, children }: FoldProps) => (
  <details className="group border-t border-line" onToggle={(event) => onToggle?.(event.currentTarget.open)}>
    <summary className="flex h-12 items-center gap-2 rounded-b-[1.2rem] px-5 text-sm font-semibold text-ink-soft hover:text-ink lg:px-7">
      <ChevronRight aria-hidden="true" className="size-4 transition-transform group-open:rotate-90" />
      {summary}
    </summary>
    <div className="overflow-x-auto px-5 pb-5 lg:px-7">{children}</div>
  </details>
);
