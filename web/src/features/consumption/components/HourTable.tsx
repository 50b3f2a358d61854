import { ChevronRight } from 'lucide-react';
import { formatEnergy } from '@/lib/energy';
import { hourRemark } from '../lib/chartOption';
import type { DayModel } from '../lib/dayModel';

/** The chart's figures to read instead of to look at. */
export function HourTable({ day, caption }: { day: DayModel; caption: string }) {
  return (
    <details className="group border-t border-line">
      <summary className="flex h-12 items-center gap-2 rounded-b-[1.2rem] px-5 text-sm font-semibold text-ink-soft hover:text-ink lg:px-7">
        <ChevronRight aria-hidden="true" className="size-4 transition-transform group-open:rotate-90" />
        Hour by hour
      </summary>
      <div className="overflow-x-auto px-5 pb-5 lg:px-7">
        <table className="w-full text-sm tabular-nums">
          <caption className="sr-only">{caption}</caption>
          <thead className="text-left text-ink-faint">
            <tr className="border-b border-line [&>th]:py-2 [&>th]:pr-4 [&>th]:font-medium">
              <th scope="col">Hour</th>
              <th scope="col" className="text-right">
                Energy
              </th>
              <th scope="col" className="pl-6">
                Remark
              </th>
            </tr>
          </thead>
          <tbody>
            {day.hours.map((hour) => (
              <tr key={hour.start} className="border-b border-line last:border-0 [&>*]:py-1.5 [&>*]:pr-4">
                <th scope="row" className="text-left font-normal whitespace-nowrap">
                  {hour.span}
                </th>
                <td className="text-right font-semibold whitespace-nowrap">
                  {hour.energy === null ? '–' : formatEnergy(hour.energy)}
                </td>
                <td className={`pl-6 ${hour.over ? 'text-alert' : 'text-ink-soft'}`}>{hourRemark(hour)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
