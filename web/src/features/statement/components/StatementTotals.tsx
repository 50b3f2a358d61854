import type { Total } from '../lib/words';
import { amountInWords, formatKwh } from '../lib/words';

interface Props {
  totals: readonly Total[];
  /** Which devices are added up, where those aren't all. */
  only: string;
}

/** What the month comes to, each currency by itself. */
export const StatementTotals = ({ totals, only }: Props) => (
  <section aria-labelledby="total" className="card break-inside-avoid p-4 sm:p-5 lg:p-7 print:mb-4 print:border-0 print:p-0">
    <h2 id="total" className="font-semibold">
      Total{only}
    </h2>
    {totals.map(({ currency, consumption, production, fedIn, unpriced, cost, base, amount }) => (
      <dl key={currency} className="mt-4 flex flex-wrap gap-x-10 gap-y-3">
        <Figure name="Amount" large>
          {amountInWords(amount, currency)}
        </Figure>
        <Figure name="Energy">{formatKwh(consumption)}</Figure>
        {production > 0 && <Figure name="Produced">{formatKwh(production)}</Figure>}
        {fedIn > 0 && <Figure name="Fed in">{formatKwh(fedIn)}</Figure>}
        <Figure name="Cost of energy">{amountInWords(cost, currency)}</Figure>
        <Figure name="Base prices">{amountInWords(base, currency)}</Figure>
        {unpriced > 0 && <Figure name="Without a price">{formatKwh(unpriced)}</Figure>}
      </dl>
    ))}
  </section>
);

const Figure = ({ name, large = false, children }: { name: string; large?: boolean; children: string }) => (
  <div className="flex flex-col justify-end">
    <dt className="text-sm text-ink-soft">{name}</dt>
    <dd className={`font-semibold tabular-nums ${large ? 'text-3xl tracking-tight' : 'text-lg'}`}>{children}</dd>
  </div>
);
