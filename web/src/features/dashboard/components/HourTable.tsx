import { useState } from 'react';
import { Name } from '@/components/ui/Name';
import { Fold } from '@/features/consumption/components/BarTable';
import { barRemark } from '@/features/consumption/lib/periodOption';
import { formatEnergy } from '@/lib/energy';
import { hoursOf, type Series } from '../lib/overview';

/** Today's hours of all devices to read instead of to look at. */
export function HourTable({ series }: { series: readonly Series[] }) {
  const [open, setOpen] = useState(false);

  return (
    <Fold summary="Hour by hour" onToggle={setOpen}>
      {open && (
        <table className="w-full text-sm tabular-nums">
          <caption className="sr-only">Today’s energy by hour and device</caption>
          <thead className="text-left text-ink-faint">
            <tr className="border-b border-line align-bottom [&>th]:py-2 [&>th]:pr-4 [&>th]:font-medium">
              <th scope="col">Hour</th>
              {series.map(({ key, name }) => (
                <th key={key} scope="col" className="min-w-20 text-right">
                  <Name>{name}</Name>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {hoursOf(series).map(({ slot, name, parts }) => (
              <tr key={slot} className="border-b border-line last:border-0 [&>*]:py-1.5 [&>*]:pr-4">
                <th scope="row" className="text-left font-normal whitespace-nowrap">
                  {name}
                </th>
                {parts.map(({ series: { key }, bar }) => (
                  <td key={key} className="text-right font-semibold whitespace-nowrap">
                    {bar?.energy == null ? '–' : formatEnergy(bar.energy)}
                    {bar && barRemark(bar, 0) && (
                      <span className="block text-xs font-normal text-ink-faint">{barRemark(bar, 0)}</span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Fold>
  );
}
