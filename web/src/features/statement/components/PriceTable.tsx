import type { ReactNode } from 'react';
import { plainName } from '@/lib/name';
import type { DeviceStatement } from '../api/statement';
import { amountInWords, basePriceInWords, datesInWords, formatKwh, priceName, timeOfLine, unitPriceInWords } from '../lib/words';

/** Energy by price and base prices, with the totals. */
export function PriceTable({ device }: { device: DeviceStatement }) {
  const { currency, lines, base_prices: bases } = device;

  return (
    <table className="mt-4 w-full text-sm tabular-nums">
      <caption className="sr-only">Energy and cost of {plainName(device.name)}</caption>
      <thead className="text-left text-ink-faint">
        <tr className="border-b border-line [&>th]:py-2 [&>th]:font-medium">
          <th scope="col">Price</th>
          <th scope="col" className="pl-2 text-right sm:pl-4 max-sm:hidden print:table-cell">
            Unit price
          </th>
          <th scope="col" className="pl-2 text-right sm:pl-4">
            {device.direction === 'production' ? 'Produced' : 'Energy'}
          </th>
          <th scope="col" className="pl-2 text-right sm:pl-4">
            Cost
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => {
          const time = timeOfLine(line);
          return (
            <Line
              key={[line.tariff_id, line.start_date, line.unit_price, time].join()}
              name={priceName(line)}
              details={[...(time === null ? [] : [time]), datesInWords(line.start_date, line.end_date)]}
              price={unitPriceInWords(line, currency)}
              quantity={formatKwh(line.consumption)}
              cost={amountInWords(line.cost, currency)}
            />
          );
        })}
        {bases.map((line) => (
          <Line
            key={[line.tariff_id, line.start_date].join()}
            name={`Base price, ${plainName(line.tariff)}`}
            details={[datesInWords(line.start_date, line.end_date)]}
            price={basePriceInWords(line, currency)}
            quantity={line.days === 1 ? '1 day' : `${line.days} days`}
            cost={amountInWords(line.cost, currency)}
          />
        ))}
      </tbody>
      <tfoot>
        <tr className="font-semibold [&>*]:py-2.5">
          <th scope="row" className="text-left">
            Total
          </th>
          <td className="max-sm:hidden print:table-cell" />
          <td className={numbers}>{formatKwh(device.total_consumption)}</td>
          <td className={numbers}>{amountInWords(device.amount, currency)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

interface LineProps {
  name: string;
  details: string[];
  price: string;
  quantity: string;
  cost: ReactNode;
}

const Line = ({ name, details, price, quantity, cost }: LineProps) => (
  <tr className="break-inside-avoid border-b border-line align-top [&>*]:py-2.5">
    <th scope="row" className="text-left font-normal">
      <bdi className="font-medium wrap-anywhere">{plainName(name)}</bdi>
      {details.map((detail) => (
        <span key={detail} className="block text-ink-soft">
          {detail}
        </span>
      ))}
      <span className="block text-ink-soft sm:hidden print:hidden">{price}</span>
    </th>
    <td className={`${numbers} max-sm:hidden print:table-cell`}>{price}</td>
    <td className={numbers}>{quantity}</td>
    <td className={numbers}>{cost}</td>
  </tr>
);

const numbers = 'pl-2 text-right sm:pl-4 whitespace-nowrap';
