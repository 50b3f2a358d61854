import { clsx } from 'clsx';
import type { Budget, Forecast } from '../api/forecast';
import { budgetStates, figuresOf } from '../lib/budget';

/** The month against its budget: what was used, what is expected, and the budget at the end of the scale or on it. */
export function BudgetBar({ forecast, budget }: { forecast: Forecast; budget: Budget }) {
  const { budget: most, used, expected, format } = figuresOf(forecast, budget);
  const { words, text, bar } = budgetStates[budget.state] ?? { words: '', text: 'text-ink-soft', bar: 'var(--accent)' };
  const whole = Math.max(most, used, expected ?? 0);
  const percent = (amount: number) => `${(amount / whole) * 100}%`;

  return (
    <div>
      <div aria-hidden="true" className="relative h-3 overflow-hidden rounded-full bg-sunken">
        {expected !== null && (
          <span
            className="absolute inset-y-0 left-0 rounded-full opacity-35"
            style={{ width: percent(expected), background: bar }}
          />
        )}
        <span className="absolute inset-y-0 left-0 rounded-full" style={{ width: percent(used), background: bar }} />
        {whole > most && <span className="absolute inset-y-0 w-0.5 bg-ink" style={{ left: percent(most) }} />}
      </div>
      <p className={clsx('mt-2 text-sm', text)}>
        <span className="font-semibold">{words}</span>
        <span className="text-ink-soft tabular-nums">
          {' '}
          · {format(used)} used{expected !== null && `, ${format(expected)} expected`} of {format(most)}
        </span>
      </p>
    </div>
  );
}
