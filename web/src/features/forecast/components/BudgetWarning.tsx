import { TriangleAlert } from 'lucide-react';
import { useForecast } from '../api/forecast';
import { budgetStates, figuresOf } from '../lib/budget';

/** Says that a device's month is over its budget, or is expected to be; otherwise nothing. */
export function BudgetWarning({ deviceId }: { deviceId: string }) {
  const forecast = useForecast(deviceId).data;
  const budget = forecast?.budget;
  if (!budget || (budget.state !== 'over' && budget.state !== 'expected_over')) return null;

  const { budget: most, used, expected, format } = figuresOf(forecast, budget);
  const { words, text } = budgetStates[budget.state] ?? {};

  return (
    <p className={`flex gap-1.5 text-xs ${text}`}>
      <TriangleAlert aria-hidden="true" className="mt-px size-3.5 shrink-0" />
      <span>
        <span className="font-semibold">{words}</span>
        <span className="text-ink-faint tabular-nums">
          {' '}
          · this month {budget.state === 'over' ? format(used) : `${format(expected ?? 0)} expected`} of {format(most)}
        </span>
      </span>
    </p>
  );
}
