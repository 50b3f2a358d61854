import { formatMomentIn } from '@/lib/time';
import type { StatementMeter } from '../api/statement';
import { formatKwh } from '../lib/words';

interface Props {
  meters: readonly StatementMeter[];
  zone: string;
  /** The registers are those for production of two-way meters, whose ids no meter shows. */
  isFeedIn: boolean;
}

/** The registers of a device's meters at both ends of the time in which they were in use. */
export const MeterTable = ({ meters, zone, isFeedIn }: Props) => (
  <table className="mt-4 w-full text-sm tabular-nums">
    <caption className="pb-1 text-left font-semibold">Meter readings</caption>
    <thead className="text-left text-ink-faint">
      <tr className="border-b border-line [&>th]:py-2 [&>th]:font-medium">
        <th scope="col">Meter</th>
        <th scope="col" className="pl-2 text-right sm:pl-4">
          Start
        </th>
        <th scope="col" className="pl-2 text-right sm:pl-4">
          End
        </th>
      </tr>
    </thead>
    <tbody>
      {meters.map((meter) => (
        <tr
          key={`${meter.meter_id} ${meter.from}`}
          className="break-inside-avoid border-b border-line align-top last:border-0 [&>*]:py-2.5"
        >
          <th scope="row" className="text-left text-xs font-normal wrap-anywhere sm:text-sm">
            {isFeedIn ? 'Production register of the meter' : meter.meter_id}
          </th>
          <Reading reading={meter.start} zone={zone} />
          <Reading reading={meter.end} zone={zone} />
        </tr>
      ))}
    </tbody>
  </table>
);

const Reading = ({ reading, zone }: { reading: StatementMeter['start']; zone: string }) => (
  <td className="pl-2 text-right sm:pl-4">
    {reading ? (
      <>
        <span className="whitespace-nowrap">{formatKwh(reading.register_value)}</span>
        <span className="block text-ink-soft">{formatMomentIn(zone, new Date(reading.timestamp))}</span>
      </>
    ) : (
      'Unknown'
    )}
  </td>
);
