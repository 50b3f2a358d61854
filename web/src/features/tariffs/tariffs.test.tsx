import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { violations } from '@/testing/axe';
import { heatPump, registered } from '@/testing/data';
import { renderApp } from '@/testing/renderApp';
import { asAdmin, paged, problem, server } from '@/testing/server';
import type { Tariff } from './api/tariffs';

const dayAndNight: Tariff = {
  id: '77777777-0000-4000-8000-000000000000',
  name: 'Day and night',
  currency: 'EUR',
  prices: [
    {
      from: '2026-01-01',
      unit_price: 0.34,
      times: [{ unit_price: 0.27, from_hour: 22, until_hour: 6, weekdays: [], months: [] }],
      base_price_per_day: 0,
      base_price_per_month: 12.5,
      feed_in_price: null,
    },
  ],
  valid_until: null,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
};
const flat: Tariff = { ...dayAndNight, id: '88888888-0000-4000-8000-000000000000', name: 'Flat', valid_until: '2026-10-31' };

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-20T08:30:00Z'), toFake: ['Date'] });
  server.use(
    asAdmin,
    http.get('/api/tariffs', () => paged([dayAndNight, flat])),
    http.get('/api/tariffs/:id', ({ params }) =>
      params.id === dayAndNight.id ? HttpResponse.json(dayAndNight, { headers: { ETag: '"3"' } }) : problem(404, 'Not found'),
    ),
  );
});

describe('tariffs', () => {
  it('are listed with what is valid today', async () => {
    renderApp('/tariffs');
    const table = await screen.findByRole('table', { name: 'Tariffs' });

    expect(within(table).getByText(/€0.34 per kWh$/)).toBeVisible();
    expect(within(table).getByText('€0.27 per kWh 10:00 PM–6:00 AM')).toBeVisible();
    expect(within(table).getByText('Ended on Oct 31, 2026')).toBeVisible();
    expect(await violations()).toEqual([]);
  });

  it('get new prices from a day on, which leaves the former ones as they are', async () => {
    const sent: unknown[] = [];
    server.use(
      http.put('/api/tariffs/:id', async ({ request }) => {
        sent.push(request.headers.get('If-Match'), await request.json());
        return HttpResponse.json({ message: '', tariff: dayAndNight });
      }),
    );
    const { user } = renderApp(`/tariffs/${dayAndNight.id}`);

    await user.click(await screen.findByRole('button', { name: 'New prices from a day on' }));
    const [, newest] = screen.getAllByRole('group').filter((group) => group.tagName === 'DETAILS');
    if (!newest) throw new Error('no new prices');
    await user.type(within(newest).getByLabelText('Valid from'), '2027-01-01');
    const [price] = within(newest).getAllByLabelText('Price per kWh');
    if (!price) throw new Error('no price');
    await user.clear(price);
    await user.type(price, '0.36');
    await user.click(within(newest).getByRole('button', { name: 'Sat' }));
    expect(await violations()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Save' }));

    await waitFor(() => expect(sent).toHaveLength(2));
    const [former] = dayAndNight.prices;
    expect(sent).toEqual([
      '"3"',
      {
        name: 'Day and night',
        currency: 'EUR',
        valid_until: null,
        prices: [former, { ...former, from: '2027-01-01', unit_price: 0.36, times: [{ ...former?.times[0], weekdays: [6] }] }],
      },
    ]);
  });

  it('are not deleted while a device has them, and it is said', async () => {
    server.use(http.delete('/api/tariffs/:id', () => problem(409, 'Conflict', { detail: '2 devices have or had this tariff.' })));
    const { user } = renderApp(`/tariffs/${dayAndNight.id}`);

    await user.click(await screen.findByRole('button', { name: 'Delete tariff' }));
    await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Delete' }));

    expect(await screen.findByText('2 devices have or had this tariff.')).toBeVisible();
  });
});

describe('the tariff of a device', () => {
  it('is changed from a day on, and that is taken back', async () => {
    const sent: unknown[] = [];
    const held = [{ tariff_id: flat.id, from: null }];
    server.use(
      http.get('/api/mappings', () => HttpResponse.json([])),
      http.get('/api/monitoring/measurements', () => HttpResponse.json([])),
      http.get('/api/monitoring/hourly/daily', () => HttpResponse.json({ measurement_count: 0, hourly_data: [] })),
      http.get('/api/devices/:id', () =>
        HttpResponse.json(registered(heatPump, { tariffs: held }), { headers: { ETag: '"3"' } }),
      ),
      http.put('/api/devices/:id/tariffs', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({ message: '', device: registered(heatPump) }, { headers: { ETag: '"4"' } });
      }),
    );
    const { user } = renderApp(`/devices/${heatPump.id}/edit`);
    const section = await screen.findByRole('region', { name: 'Tariff' });

    expect(await within(section).findByRole('link', { name: 'Flat' })).toBeVisible();
    expect(within(section).getByText('It has no prices today.')).toBeVisible();
    await user.click(within(section).getByRole('button', { name: 'Change the tariff' }));
    const dialog = await screen.findByRole('dialog', { name: 'Change the tariff' });
    expect(await violations()).toEqual([]);
    await user.selectOptions(within(dialog).getByLabelText('Tariff'), dayAndNight.id);
    await user.clear(within(dialog).getByLabelText('First day'));
    await user.type(within(dialog).getByLabelText('First day'), '2026-12-01');
    await user.click(within(dialog).getByRole('button', { name: 'Save' }));
    await user.click(await screen.findByRole('button', { name: 'Undo' }));

    await waitFor(() =>
      expect(sent).toEqual([{ tariffs: [...held, { tariff_id: dayAndNight.id, from: '2026-12-01' }] }, { tariffs: held }]),
    );
  });
});
