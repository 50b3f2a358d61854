import { formatEnergy, formatPrice } from '@/lib/energy';
import { formatMomentIn } from '@/lib/time';
import type { RegisteredDevice } from '../api/registry';

/** Which limit, price and interval were valid when, the present ones first. Nothing while they never changed. */
export function SettingsHistory({ device: { settings, time_zone } }: { device: RegisteredDevice }) {
  if (settings.length === 0) return null;

  return (
    <details className="mt-5 border-t border-line pt-3 text-sm">
      <summary className="cursor-pointer rounded font-semibold text-ink-soft">What was valid when ({settings.length})</summary>
      <div className="mt-2 overflow-x-auto">
        <table className="w-full tabular-nums">
          <caption className="sr-only">Limits, prices and intervals by the time since when they are valid</caption>
          <thead className="text-left text-ink-faint">
            <tr className="[&>th]:py-1.5 [&>th]:pr-4 [&>th]:font-medium">
              <th scope="col">Since</th>
              <th scope="col">Limit</th>
              <th scope="col">Price</th>
              <th scope="col">Interval</th>
            </tr>
          </thead>
          <tbody>
            {settings.toReversed().map(({ from, max_consumption, price, reporting_interval_seconds }) => (
              <tr key={from ?? ''} className="border-t border-line [&>*]:py-1.5 [&>*]:pr-4">
                <th scope="row" className="text-left font-normal">
                  {from == null ? 'The beginning' : formatMomentIn(time_zone, new Date(from))}
                </th>
                <td>{formatEnergy(max_consumption)}</td>
                <td>{price == null ? 'None' : formatPrice(price)}</td>
                <td>{reporting_interval_seconds} s</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
