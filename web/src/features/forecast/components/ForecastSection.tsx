import { useState, type ReactNode } from 'react';
import { Button } from '@/components/ui/Button';
import { Skeleton } from '@/components/ui/Skeleton';
import { plainName } from '@/lib/name';
import { hasCost, type Device } from '@/features/devices/api/devices';
import { formatEnergy, formatMoney } from '@/lib/energy';
import { formatDay } from '@/lib/zone';
import { useForecast, type Forecast } from '../api/forecast';
import { accuracySentence } from '../lib/accuracy';
import { BudgetBar } from './BudgetBar';
import { BudgetDialog } from './BudgetDialog';

interface Props {
  device: Pick<Device, 'id' | 'name' | 'price' | 'tariffs' | 'direction'>;
}

/** What a device's running month will come to, how good such forecasts were, and the month's budget. */
export function ForecastSection({ device }: Props) {
  const query = useForecast(device.id);
  const [asking, setAsking] = useState(false);
  const forecast = query.data;
  const budget = forecast?.budget ?? null;
  const produces = device.direction === 'production';
  // The cost of production is what is paid for it, as a negative amount.
  const money = (cost: number) => formatMoney(produces ? 0 - cost : cost, forecast?.currency);

  return (
    <section className="card mt-5 p-5 lg:p-7" aria-labelledby="forecast">
      <header className="flex flex-wrap items-center justify-between gap-3">
        <h2 id="forecast" className="text-sm font-semibold text-ink-soft">
          Forecast{forecast && ` for ${formatDay(`${forecast.month}-01`, { month: 'long', year: 'numeric' })}`}
        </h2>
        {forecast && !produces && (
          <Button onClick={() => setAsking(true)}>{budget ? 'Change the budget' : 'Set a budget'}</Button>
        )}
      </header>

      {forecast ? (
        <div className="mt-4 grid gap-5">
          {forecast.expected_consumption === null ? (
            <p className="text-sm text-ink-soft">{whyNot(forecast)}</p>
          ) : (
            <dl className="grid gap-x-12 gap-y-4 sm:flex sm:flex-wrap">
              <Figure name="Expected" range={rangeOf(forecast.low_consumption, forecast.high_consumption, formatEnergy)}>
                {formatEnergy(forecast.expected_consumption)}
              </Figure>
              {forecast.expected_cost !== null && (
                <Figure
                  name={produces ? 'Expected earnings' : 'Expected cost'}
                  range={rangeOf(forecast.low_cost, forecast.high_cost, money)}
                >
                  {money(forecast.expected_cost)}
                </Figure>
              )}
            </dl>
          )}
          {budget && <BudgetBar forecast={forecast} budget={budget} />}
          {forecast.expected_consumption !== null && <Notes forecast={forecast} />}
        </div>
      ) : query.isError ? (
        <p role="alert" className="mt-4 flex flex-wrap items-center gap-3 rounded-xl bg-alert-soft px-4 py-2 text-sm">
          The forecast could not be loaded.
          <Button tone="quiet" busy={query.isFetching} onClick={() => void query.refetch()}>
            Try again
          </Button>
        </p>
      ) : (
        <div role="status" className="mt-4">
          <span className="sr-only">Loading the forecast</span>
          <Skeleton className="h-16 w-64" />
        </div>
      )}

      {asking && (
        <BudgetDialog
          deviceId={device.id}
          deviceName={plainName(device.name)}
          budget={budget}
          priced={hasCost(device) || (forecast?.expected_cost ?? forecast?.total_cost ?? null) !== null}
          currency={forecast?.currency ?? null}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}

function Figure({ name, range, children }: { name: string; range: string | null; children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-ink-soft">{name}</dt>
      <dd>
        <span className="block text-3xl font-semibold tracking-tight tabular-nums">{children}</span>
        {range && <span className="block text-sm text-ink-faint tabular-nums">{range}</span>}
      </dd>
    </div>
  );
}

const rangeOf = (low: number | null, high: number | null, format: (amount: number) => string) =>
  low === null || high === null ? null : `${format(low)} to ${format(high)}, with a probability of 80%`;

function whyNot({ reason, history_hours: hours }: Forecast) {
  const days = Math.floor(hours / 24);

  return reason === 'ended'
    ? 'The device is not yours any more, so nothing more is expected.'
    : `No forecast yet: it needs two weeks of readings. Of the last twelve weeks ${days === 1 ? '1 day is' : `${days} days are`} known so far.`;
}

/** How good such forecasts were, and what is particular about this one. */
function Notes({
  forecast: { accuracy, missing_hours: missing, unpriced_consumption: unpriced, expected_cost: cost },
}: {
  forecast: Forecast;
}) {
  return (
    <div className="grid gap-1 text-sm text-ink-soft">
      <p>
        {accuracy ? accuracySentence(accuracy) : 'How good forecasts of this device are is told after its first complete month.'}
      </p>
      {missing > 0 && (
        <p>
          {missing === 1 ? '1 hour of the month was' : `${missing} hours of the month were`} not completely measured. What is
          missing is included as expected.
        </p>
      )}
      {cost !== null && unpriced > 0 && <p>{formatEnergy(unpriced)} without a price are not in the cost.</p>}
    </div>
  );
}
