import type { Total } from '../lib/words';
import { amountInWords, formatKwh } from '../lib/words';

/** What the month comes to, each currency by itself. */
export const StatementTotals = ({ totals }: { totals: readonly Total[] }) => (
  <section aria-labelledby="total" className="card break-inside-avoid p-4 sm:p-5 lg:p-7 print:mb-4 print:border-0 print:p-0">
    <h2 id="total" className="font-semibold">
      Total
    </h2>
    {totals.map(({ currency, consumption, production, unpriced, cost, base, amount }) => (
      <dl key={currency} className="mt-4 flex flex-wrap gap-x-10 gap-y-3">
        <Figure name="Amount" large>
          {amountInWords(amount, currency)}
        </Figure>
        <Figure name="Energy">{formatKwh(consumption)}</Figure>
        {production > 0 && <Figure name="Produced">{formatKwh(production)}</Figure>}
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
