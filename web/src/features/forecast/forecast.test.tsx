import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { violations } from '@/testing/axe';
import { forecastOf, heatPump, office } from '@/testing/data';
import { renderApp } from '@/testing/renderApp';
import { problem, server } from '@/testing/server';
import type { Budget, Forecast } from './api/forecast';
import { accuracySentence } from './lib/accuracy';

const now = new Date('2026-11-20T10:30:00+02:00');
const month = `/consumption/${heatPump.id}?period=month`;
const address = '/api/monitoring/forecast';

const budgetOf = (state: string, more: Partial<Budget> = {}): Budget => ({
  device_id: heatPump.id,
  kwh: 230,
  cost: null,
  updated_at: '2026-11-01T09:00:00Z',
  state,
  ...more,
});

const answers = (more: Partial<Forecast>) => http.get(address, () => HttpResponse.json(forecastOf(heatPump, more)));

const section = async () => within((await screen.findByText(/^Forecast for/)).closest('section') ?? document.body);

/** A service that keeps a budget. */
function keeping(sent: unknown[], held: { kwh?: number; cost?: number } | null = null) {
  const budget = '/api/monitoring/budgets/:id';

  return [
    http.get(address, () =>
      HttpResponse.json(
        forecastOf(heatPump, {
          budget: held && budgetOf('within', { kwh: held.kwh ?? null, cost: held.cost ?? null }),
        }),
      ),
    ),
    http.put(budget, async ({ request, params }) => {
      expect(params.id).toBe(heatPump.id);
      held = (await request.json()) as typeof held;
      sent.push(held);
      return HttpResponse.json({ device_id: heatPump.id, kwh: null, cost: null, ...held, updated_at: '2026-11-20T08:30:00Z' });
    }),
    http.delete(budget, () => {
      held = null;
      sent.push('removed');
      return new HttpResponse(null, { status: 204 });
    }),
  ];
}

describe('the forecast of a month', () => {
  beforeEach(() => void vi.useFakeTimers({ now, toFake: ['Date'] }));

  it('tells the expected consumption and cost with their ranges, and how good forecasts were', async () => {
    renderApp(month);
    const forecast = await section();

    expect(await forecast.findByText('240 kWh')).toBeVisible();
    expect(forecast.getByText('220 kWh to 260 kWh, with a probability of 80%')).toBeVisible();
    expect(forecast.getByText('120.00')).toBeVisible();
    expect(forecast.getByText('110.00 to 130.00, with a probability of 80%')).toBeVisible();
    expect(forecast.getByText(/^In the last 3 months the forecast was off by 4.1% on average; repeating/)).toBeVisible();
    expect(screen.getByRole('heading', { name: 'Forecast for November 2026' })).toBeVisible();
    expect(await violations()).toEqual([]);
  });

  it('is of the running month only', async () => {
    renderApp(`${month}&date=2026-10-01`);

    expect(await screen.findByRole('heading', { name: 'October 2026' })).toBeVisible();
    expect(screen.queryByRole('heading', { name: /^Forecast/ })).not.toBeInTheDocument();
  });

  it('says why there is none', async () => {
    server.use(
      answers({
        reason: 'too_little_history',
        expected_consumption: null,
        low_consumption: null,
        high_consumption: null,
        expected_cost: null,
        low_cost: null,
        high_cost: null,
        history_hours: 75,
        accuracy: null,
      }),
    );
    renderApp(month);

    expect(await (await section()).findByText(/it needs two weeks of readings\. .* 3 days are known so far\.$/)).toBeVisible();
  });

  it('tells of missing hours and of hours without a price', async () => {
    server.use(answers({ missing_hours: 7, unpriced_consumption: 12, accuracy: null }));
    renderApp(month);
    const forecast = await section();

    expect(await forecast.findByText(/^7 hours of the month were not completely measured\./)).toBeVisible();
    expect(forecast.getByText(/^12 kWh without a price are not in the cost\.$/)).toBeVisible();
    expect(forecast.getByText(/is told after its first complete month\.$/)).toBeVisible();
  });

  it('can be asked for again', async () => {
    server.use(http.get(address, () => problem(500, 'Broken'), { once: true }));
    const { user } = renderApp(month);

    await user.click(within(await screen.findByText('The forecast could not be loaded.')).getByText('Try again'));

    expect(await (await section()).findByText('240 kWh')).toBeVisible();
  });

  it.each([
    ['within', 'Within the budget'],
    ['expected_over', 'Heading over the budget'],
    ['over', 'Over the budget'],
  ])('compares it with the budget: %s', async (state, words) => {
    server.use(answers({ budget: budgetOf(state) }));
    renderApp(month);

    expect((await screen.findByText(words)).parentElement).toHaveTextContent(
      `${words} · 120 kWh used, 240 kWh expected of 230 kWh`,
    );
  });

  it('has its budget set', async () => {
    const sent: unknown[] = [];
    server.use(...keeping(sent));
    const { user } = renderApp(month);
    const forecast = await section();

    await user.click(forecast.getByText('Set a budget'));
    expect(await violations()).toEqual([]);
    await user.type(screen.getByLabelText('kWh per month'), '-5{Enter}');
    expect(screen.getByText(/^A number above 0/)).toBeVisible();
    await user.clear(screen.getByLabelText('kWh per month'));
    await user.type(screen.getByLabelText('kWh per month'), '250.5{Enter}');

    expect((await forecast.findByText('Within the budget')).parentElement).toHaveTextContent('of 250.5 kWh');
    expect(sent).toEqual([{ kwh: 250.5 }]);
  });

  it('has its budget changed to money and removed', async () => {
    const sent: unknown[] = [];
    server.use(...keeping(sent, { kwh: 250.5 }));
    const { user } = renderApp(month);
    const forecast = await section();

    await user.click(forecast.getByText('Change the budget'));
    const change = within(screen.getByRole('dialog', { name: 'Change the budget' }));
    await user.click(change.getByText('Cost'));
    await user.clear(change.getByLabelText('Cost per month'));
    await user.type(change.getByLabelText('Cost per month'), '90{Enter}');
    await waitFor(() => expect(forecast.getByText('Within the budget').parentElement).toHaveTextContent('of 90.00'));
    await user.click(forecast.getByText('Change the budget'));
    await user.click(screen.getByText('Remove it'));

    expect(await forecast.findByText('Set a budget')).toBeVisible();
    expect(sent).toEqual([{ cost: 90 }, 'removed']);
  });

  it('keeps the dialog open when the budget can’t be saved', async () => {
    server.use(http.put('/api/monitoring/budgets/:id', () => problem(400, 'No', { errors: { kwh: ['Too much.'] } })));
    const { user } = renderApp(month);

    await user.click((await section()).getByText('Set a budget'));
    await user.type(screen.getByLabelText('kWh per month'), '250{Enter}');

    expect(await within(screen.getByRole('dialog')).findByRole('alert')).toBeVisible();
  });

  it('warns on the overview of devices whose budget it passes, and asks for no other device', async () => {
    const asked: (string | null)[] = [];
    server.use(
      http.get('/api/monitoring/budgets', () => HttpResponse.json([budgetOf('expected_over')])),
      http.get(address, ({ request }) => {
        asked.push(new URL(request.url).searchParams.get('device_id'));
        return HttpResponse.json(forecastOf(heatPump, { budget: budgetOf('expected_over') }));
      }),
    );
    renderApp('/');

    expect((await screen.findByText('Heading over the budget')).parentElement).toHaveTextContent(
      'Heading over the budget · this month 240 kWh expected of 230 kWh',
    );
    expect(screen.getByRole('link', { name: /Office/ })).toBeVisible();
    expect(asked).toEqual([heatPump.id]);
    expect(asked).not.toContain(office.id);
    expect(await violations()).toEqual([]);
  });
});

describe('the sentence about accuracy', () => {
  it('says when repeating the last week would have been better', () => {
    expect(accuracySentence({ months: 1, error: 0.214, naive_error: 0.191, coverage: 0.5 })).toBe(
      'In the last month the forecast was off by 21% on average; repeating the last week would have been better, off by 19%. The month’s total was within the range on 50% of the days.',
    );
    expect(accuracySentence({ months: 2, error: 0, naive_error: 0, coverage: 1 })).toBe(
      'In the last 2 months the forecast was off by 0% on average; repeating the last week would have been just as good. The month’s total was within the range on 100% of the days.',
    );
  });
});
