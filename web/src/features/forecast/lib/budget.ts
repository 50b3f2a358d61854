import { formatEnergy, formatMoney } from '@/lib/energy';
import type { Budget, Forecast } from '../api/forecast';

/** A budget beside what was used and what is expected of the month, all in the budget's own unit. */
export interface BudgetFigures {
  budget: number;
  used: number;
  expected: number | null;
  format: (amount: number) => string;
}

export function figuresOf(forecast: Forecast, { kwh, cost }: Budget): BudgetFigures {
  if (kwh !== null) {
    return {
      budget: kwh,
      used: forecast.total_consumption,
      expected: forecast.expected_consumption,
      format: (one) => formatEnergy(one),
    };
  }

  return {
    budget: cost ?? 0,
    used: forecast.total_cost ?? 0,
    expected: forecast.expected_cost,
    format: (one) => formatMoney(one, forecast.currency),
  };
}

/** What a state is called, and how it looks. */
export const budgetStates: Record<string, { words: string; text: string; bar: string }> = {
  within: { words: 'Within the budget', text: 'text-ink-soft', bar: 'var(--accent)' },
  expected_over: { words: 'Heading over the budget', text: 'text-warn', bar: 'var(--warn-fill)' },
  over: { words: 'Over the budget', text: 'text-alert', bar: 'var(--alert)' },
  unknown: { words: 'No forecast for the budget', text: 'text-ink-soft', bar: 'var(--accent)' },
};
