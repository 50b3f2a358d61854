import { screen, within } from '@testing-library/react';
import { delay, http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { violations } from '@/testing/axe';
import { alice, heatPump, office } from '@/testing/data';
import { renderApp } from '@/testing/renderApp';
import { problem, server } from '@/testing/server';
import type { DeviceStatement } from './api/statement';
import { timeOfLine, totalsOf } from './lib/words';

const address = '/api/monitoring/statement';

const line = {
  tariff_id: 'aaaaaaaa-0000-4000-8000-000000000000',
  tariff: 'Day and night',
  start_date: '2026-10-01',
  end_date: '2026-10-31',
  unit_price: 0.3,
  time_of_use: null,
  is_other_times: true,
  consumption: 100,
  cost: 30,
};

const night = { from_hour: 22, until_hour: 6, weekdays: [], months: [] };

const statementOf = (more: Partial<DeviceStatement> = {}): DeviceStatement => ({
  device_id: heatPump.id,
  name: heatPump.name,
  description: '',
  time_zone: heatPump.time_zone,
  start_date: '2026-10-01',
  end_date: '2026-10-31',
  is_final: true,
  total_consumption: 150,
  total_cost: 40,
  base_cost: 9.5,
  amount: 49.5,
  currency: 'EUR',
  unpriced_consumption: 0,
  measurement_count: 4470,
  expected_count: 4470,
  lines: [{ ...line, unit_price: 0.2, time_of_use: night, is_other_times: false, consumption: 50, cost: 10 }, line],
  base_prices: [
    {
      tariff_id: line.tariff_id,
      tariff: line.tariff,
      start_date: '2026-10-01',
      end_date: '2026-10-31',
      price_per_day: 0,
      price_per_month: 9.5,
      days: 31,
      cost: 9.5,
    },
  ],
  meter_readings: null,
  direction: 'consumption',
  feed_in_of: null,
  ...more,
});

const unpriced = (more: Partial<DeviceStatement> = {}) =>
  statementOf({
    device_id: office.id,
    name: office.name,
    currency: null,
    total_consumption: 2,
    total_cost: null,
    base_cost: null,
    amount: null,
    unpriced_consumption: 2,
    lines: [{ ...line, tariff_id: null, tariff: null, unit_price: null, is_other_times: false, consumption: 2, cost: null }],
    base_prices: [],
    ...more,
  });

const answers = (devices: DeviceStatement[], asked: string[] = [], next?: string) =>
  http.get(address, ({ request }) => {
    asked.push(new URL(request.url).search);
    const headers = next === undefined ? {} : { Link: `<${address}?after=${next}>; rel="next"`, 'X-Total-Count': '2' };
    return HttpResponse.json({ month: '2026-10', is_final: true, totals: [], devices }, { headers });
  });

describe('the statement', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-11-20T10:30:00+02:00'), toFake: ['Date'] });
    server.use(http.get(`/api/users/${alice.id}`, () => HttpResponse.json({ id: alice.id, fname: 'Alice', lname: 'Moss' })));
  });

  it('is of the last month that is over, with its prices, totals, and whose it is', async () => {
    const asked: string[] = [];
    server.use(answers([statementOf()], asked));
    renderApp('/statement');

    expect(await screen.findByRole('heading', { name: 'Statement for October 2026', level: 1 })).toBeVisible();
    const table = within(await screen.findByRole('table', { name: 'Energy and cost of Heat pump' }));
    expect(asked).toEqual(['?month=2026-10&limit=100']);
    expect(table.getAllByRole('row').map(({ textContent }) => textContent)).toEqual([
      'PriceUnit priceEnergyCost',
      expect.stringMatching(/^Day and night10:00\sPM–6:00\sAMOct 1\s–\s31, 2026€0\.20 per kWh€0\.20 per kWh50\.000\skWh€10\.00$/),
      expect.stringMatching(/^Day and nightAll other timesOct 1.*€0\.30 per kWh100\.000\skWh€30\.00$/),
      expect.stringMatching(/^Base price, Day and nightOct 1.*€9\.50 a month31 days€9\.50$/),
      expect.stringMatching(/^Total150\.000\skWh€49\.50$/),
    ]);
    expect(screen.getByText('Amount').nextSibling).toHaveTextContent('€49.50');
    expect(screen.getByText('Complete: 4,470 of 4,470 expected readings')).toBeVisible();
    expect(await screen.findByText('Alice Moss (alice)')).toBeVisible();
    expect(screen.getByText(/, created Nov 20, 2026/)).toBeVisible();
    expect(screen.queryByText(/final/)).not.toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });

  it('shows the registers of each meter at both ends, and what is unknown', async () => {
    const [meter, other] = ['dddddddd-0000-4000-8000-000000000000', 'eeeeeeee-0000-4000-8000-000000000000'];
    const [from, until] = ['2026-10-01T00:00:00+03:00', '2026-10-12T09:00:00+03:00'];
    const readings = [
      { meter_id: meter, from, until, start: null, end: { timestamp: '2026-10-12T08:50:00+03:00', register_value: 250.5 } },
      {
        meter_id: other,
        from: until,
        until: '2026-11-01T00:00:00+02:00',
        start: { timestamp: until, register_value: 0 },
        end: { timestamp: '2026-10-31T23:50:00+02:00', register_value: 77 },
      },
    ];
    server.use(answers([statementOf({ meter_readings: readings, measurement_count: 4000, is_final: false })]));
    renderApp('/statement?month=2026-10');

    const table = within(await screen.findByRole('table', { name: 'Meter readings' }));
    expect(table.getByRole('row', { name: new RegExp(meter) })).toHaveTextContent(/Unknown250\.500\skWhOct 12, 2026, 8:50\sAM$/);
    expect(table.getByRole('row', { name: new RegExp(other) })).toHaveTextContent(
      /0\.000\skWhOct 12.*77\.000\skWhOct 31, 2026, 11:50\sPM$/,
    );
    expect(screen.getByText('4,000 of 4,470 expected readings (89%)')).toBeVisible();
    expect(screen.getByText(/^Not final/)).toBeVisible();
    expect(await violations()).toEqual([]);
  });

  it('adds up each currency by itself, and tells what has no price', async () => {
    server.use(answers([statementOf(), unpriced()]));
    renderApp('/statement?month=2026-10');

    expect(await screen.findByText(/^2\.000\skWh without a price are in no cost\.$/)).toBeVisible();
    expect(screen.getAllByText('Amount').map(({ nextSibling }) => nextSibling?.textContent)).toEqual(['€49.50', '–']);
    expect(screen.getAllByText('No price', { selector: 'bdi' })).toHaveLength(1);
    expect(screen.getAllByText('No meter readings: the meter reports the energy of intervals.')).toHaveLength(2);
  });

  it('steps through the months in the address, and says that the running one isn’t over', async () => {
    server.use(answers([statementOf()]));
    const { user, path } = renderApp('/statement');

    await user.click(await screen.findByRole('button', { name: 'Next month' }));
    expect(path()).toBe('/statement?month=2026-11');
    expect(await screen.findByText(/^The month isn’t over\./)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Next month' })).toHaveAttribute('aria-disabled', 'true');
    expect(screen.getByRole('link', { name: 'Download CSV' })).toHaveAttribute('href', `${address}?month=2026-11&format=csv`);

    await user.click(screen.getByRole('button', { name: /choose another month/ }));
    await user.click(await screen.findByRole('button', { name: 'May 2026' }));
    expect(path()).toBe('/statement?month=2026-05');
    await user.click(screen.getByRole('button', { name: 'Previous month' }));
    expect(await screen.findByRole('heading', { name: 'Statement for April 2026' })).toBeVisible();
  });

  it('prints', async () => {
    const print = vi.spyOn(window, 'print').mockImplementation(() => undefined);
    server.use(answers([statementOf()]));
    const { user } = renderApp('/statement');
    await screen.findByText('Amount');

    await user.click(screen.getByRole('button', { name: 'Print' }));

    expect(print).toHaveBeenCalledOnce();
  });

  it('shows further devices when asked', async () => {
    server.use(answers([statementOf()], [], 'more'));
    const { user } = renderApp('/statement');
    const more = await screen.findByRole('button', { name: 'Show more devices' });
    expect(screen.getByText('1 of 2 devices. The CSV file has all of them.')).toBeVisible();
    server.use(answers([unpriced()]));

    await user.click(more);

    expect(await screen.findByRole('heading', { name: 'Office' })).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Show more devices' })).not.toBeInTheDocument();
  });

  it('says that a month has no devices, that it is loading, and why it can’t be shown', async () => {
    server.use(answers([]));
    const { router } = renderApp('/statement?month=2026-09');
    expect(await screen.findByRole('heading', { name: 'Nothing in September 2026' })).toBeVisible();

    server.use(http.get(address, () => delay('infinite')));
    await router.navigate('/statement?month=2026-08');
    expect(await screen.findByText('Loading the statement')).toBeInTheDocument();

    server.use(http.get(address, () => problem(500, 'Something broke')));
    await router.navigate('/statement?month=2026-07');
    expect(await screen.findByRole('alert')).toHaveTextContent('Something broke');
  });

  it.each(['2026-13', '2999-01', 'today'])('takes %s in the address for the last month that is over', async (month) => {
    server.use(answers([statementOf()]));
    renderApp(`/statement?month=${month}`);

    expect(await screen.findByRole('heading', { name: 'Statement for October 2026' })).toBeVisible();
  });
});

describe('words of a statement', () => {
  it('names the hours of a price', () => {
    expect(timeOfLine({ ...line, is_other_times: false })).toBeNull();
    expect(timeOfLine(line)).toBe('All other times');
    expect(timeOfLine({ ...line, time_of_use: { ...night, weekdays: [6, 7] } })).toMatch(/^10:00\sPM–6:00\sAM, Sat, Sun$/);
  });

  it('keeps what is produced apart from what is consumed, and takes off what is paid for it', () => {
    const [total] = totalsOf([
      statementOf({ amount: 30, total_consumption: 100 }),
      statementOf({ amount: -2, total_consumption: 25, direction: 'production' }),
      statementOf({ amount: -1, total_consumption: 15, direction: 'production', feed_in_of: heatPump.id }),
    ]);

    expect([total?.amount, total?.consumption, total?.production, total?.fedIn]).toEqual([27, 100, 25, 15]);
  });

  it('adds up without the errors of binary fractions', () => {
    const [total] = totalsOf([
      statementOf({ amount: 0.1, total_consumption: 0.1 }),
      statementOf({ amount: 0.2, total_consumption: 0.2 }),
    ]);

    expect([total?.amount, total?.consumption]).toEqual([0.3, 0.3]);
  });
});
