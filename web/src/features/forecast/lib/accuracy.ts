import { numberFormat } from '@/lib/intl';
import type { Forecast } from '../api/forecast';

const percent = (share: number) => numberFormat({ style: 'percent', maximumFractionDigits: share < 0.1 ? 1 : 0 }).format(share);

/** How far forecasts were off, and how far it would have been to repeat the last week, whichever was better. */
export function accuracySentence({ months, error, naive_error: naive, coverage }: NonNullable<Forecast['accuracy']>) {
  const since = months === 1 ? 'In the last month' : `In the last ${months} months`;
  const repeating =
    naive > error
      ? `repeating the last week would have been off by ${percent(naive)}`
      : naive < error
        ? `repeating the last week would have been better, off by ${percent(naive)}`
        : 'repeating the last week would have been just as good';

  return `${since} the forecast was off by ${percent(error)} on average; ${repeating}. The month’s total was within the range on ${percent(coverage)} of the days.`;
}
