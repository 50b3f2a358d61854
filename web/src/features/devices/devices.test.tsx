import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { around } from '@/testing/around';
import { violations } from '@/testing/axe';
import { heatPump, office, registered } from '@/testing/data';
import { renderApp } from '@/testing/renderApp';
import { asAdmin, paged, problem, server } from '@/testing/server';

const devices = '/api/devices/:id';

/** Today as Monitoring tells it: so many readings in each finished hour, of six. */
const today = (...hours: number[]) => ({
  measurement_count: hours.reduce((sum, count) => sum + count, 0),
  hourly_data: hours.map((measurement_count, hour) => ({
    start: new Date(Date.parse('2026-11-19T22:00:00Z') + hour * 3_600_000).toISOString(),
    measurement_count,
    expected_count: 6,
  })),
});

const latest = (timestamp: string) => HttpResponse.json([{ device_id: heatPump.id, timestamp, measurement_value: 0.25 }]);

// Half past ten in Bucharest.
beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-20T08:30:00Z'), toFake: ['Date'] });
  server.use(
    asAdmin,
    http.get('/api/mappings', () => HttpResponse.json([])),
    http.get('/api/monitoring/hourly/daily', () => HttpResponse.json(today())),
    http.get(devices, ({ params }) =>
      params.id === heatPump.id
        ? HttpResponse.json(registered(heatPump), { headers: { ETag: '"3"' } })
        : problem(404, 'Not found'),
    ),
  );
});

describe('the list of silent devices', () => {
  it('is what leads there from the repairs, and says how many it leaves out', async () => {
    server.use(
      http.get('/api/monitoring/silent-devices', () =>
        HttpResponse.json({
          count: 302,
          devices: [
            { ...heatPump, last_reading: '2026-11-20T06:00:00Z' },
            { ...office, last_reading: null },
          ],
        }),
      ),
    );
    const { user, path } = renderApp('/devices?show=silent');
    const table = await screen.findByRole('table', { name: 'Silent devices' });

    expect(within(table).getAllByRole('row')).toHaveLength(3);
    expect(screen.getByText(/^302 are silent; these are 2 of them/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Silent' })).toHaveAttribute('aria-pressed', 'true');
    expect(await violations()).toEqual([]);

    await user.type(screen.getByRole('searchbox', { name: 'Search by name' }), 'heat');
    await waitFor(() => expect(within(table).getAllByRole('row')).toHaveLength(2));
    expect(path()).toBe('/devices?show=silent&q=heat');
  });
});

describe('the list of devices', () => {
  it('tells how each reports, and searches at the server page by page', async () => {
    const boiler = { ...office, id: '33333333-0000-4000-8000-000000000000', name: 'Boiler' };
    const lift = { ...office, id: '44444444-0000-4000-8000-000000000000', name: 'Lift' };
    const asked: URLSearchParams[] = [];
    server.use(
      http.get('/api/devices', ({ request }) => {
        const query = new URL(request.url).searchParams;
        asked.push(query);
        return query.has('after')
          ? paged([registered(lift)])
          : paged([registered(heatPump), registered(office), registered(boiler)], '/api/devices?after=x');
      }),
      http.get('/api/monitoring/measurements', ({ request }) => {
        const id = new URL(request.url).searchParams.get('device_id');
        if (id === lift.id) return problem(500, 'Broken');
        return id === heatPump.id
          ? latest('2026-11-20T08:10:00Z')
          : id === office.id
            ? latest('2026-11-20T06:00:00Z')
            : HttpResponse.json([]);
      }),
      http.get('/api/monitoring/hourly/daily', ({ request }) => {
        const query = new URL(request.url).searchParams;
        // By each device's own day. Half of the hour that runs has come, which counts as nothing missing.
        expect(query.get('date')).toBe('2026-11-20');
        return HttpResponse.json(query.get('device_id') === heatPump.id ? today(6, 6, 6, 3, 6, 6, 6, 6, 6, 6, 3) : today());
      }),
    );
    const { user, path } = renderApp('/devices');

    const cells = async (name: string) =>
      within(around(await screen.findByRole('link', { name }), 'tr'))
        .getAllByRole('cell')
        .map(({ textContent }) => textContent.replace(/\s/g, ' '));
    await waitFor(async () =>
      expect(await cells('Heat pump')).toEqual([
        'Heat pumpUtility room',
        '20 minutes ago',
        '60 · 95%',
        '2 kWh',
        '0.50',
        'Europe/Bucharest',
        'Nov 1, 2026',
      ]),
    );
    await waitFor(async () => expect((await cells('Office')).slice(1, 3)).toEqual(['2 hours ago', '0']));
    await waitFor(async () => expect((await cells('Boiler')).slice(1, 5)).toEqual(['Never', '0', '0 kWh', 'None']));
    await waitFor(async () => expect((await cells('Lift')).slice(1, 3)).toEqual(['Unknown', 'Unknown']));
    // What is silent is marked.
    expect(screen.getByText('2 hours ago')).toHaveClass('bg-alert-soft');
    expect(screen.getByText('20 minutes ago')).not.toHaveClass('bg-alert-soft');
    expect(await violations()).toEqual([]);

    await user.type(screen.getByRole('searchbox', { name: 'Search by name, description or external id' }), 'pump');
    await waitFor(() => expect(path()).toBe('/devices?q=pump'));
    await waitFor(() =>
      expect(Object.fromEntries(asked.at(-1) ?? [])).toEqual({ limit: '1000', sort: 'name', search: 'pump', after: 'x' }),
    );
  });

  it('says when there is none, and when none is called so', async () => {
    server.use(http.get('/api/devices', () => paged([])));
    const { user } = renderApp('/devices');

    expect(await screen.findByRole('heading', { name: 'No devices yet' })).toBeVisible();
    await user.type(screen.getByRole('searchbox'), 'x');
    expect(await screen.findByRole('heading', { name: 'No device is found' })).toBeVisible();
  });
});

describe('making a device', () => {
  it('sends numbers as numbers, and leads to the device', async () => {
    let sent: unknown;
    server.use(
      http.post('/api/devices', async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ message: '', device: registered(heatPump) }, { status: 201 });
      }),
    );
    const { user, path } = renderApp('/devices/new');

    await user.type(await screen.findByLabelText('Name'), 'Heat pump');
    await user.type(screen.getByLabelText('Limit, kWh per hour'), '2.5');
    const zone = screen.getByLabelText('Time zone', { selector: 'input' });
    expect(zone).toHaveValue('America/New_York');
    await user.type(zone, 'bucha', { initialSelectionStart: 0, initialSelectionEnd: 99 });
    const zones = within(screen.getByRole('listbox', { name: 'Time zone' }));
    expect(zones.getAllByRole('option').map(({ textContent }) => textContent)).toEqual(['Europe/Bucharest']);
    await user.keyboard('{Enter}');
    expect(await violations()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Create device' }));

    expect(await screen.findByText('Heat pump is created. Assign it to those who may see it.')).toBeVisible();
    await waitFor(() => expect(path()).toBe(`/devices/${heatPump.id}/edit`));
    expect(sent).toEqual({
      external_id: '',
      name: 'Heat pump',
      description: '',
      max_consumption: 2.5,
      price: null,
      time_zone: 'Europe/Bucharest',
      reporting_interval_seconds: 600,
      register_digits: null,
      direction: 'consumption',
    });
  });

  it('says at the entries what is wrong with them, by itself and by the server', async () => {
    server.use(
      http.post('/api/devices', () =>
        problem(400, 'Invalid', { errors: { name: ['There is one already.'], price: ['Too much.'] } }),
      ),
    );
    const { user } = renderApp('/devices/new');

    const limit = await screen.findByLabelText('Limit, kWh per hour');
    await user.type(limit, '0');
    await user.type(screen.getByLabelText('Price per kWh'), '-1');
    await user.click(screen.getByRole('button', { name: 'Create device' }));
    await waitFor(() => expect(screen.getByLabelText('Name')).toHaveAccessibleDescription('Enter a name.'));
    expect(limit).toHaveAccessibleDescription(/^More than 0 kWh/);
    expect(screen.getByLabelText('Price per kWh')).toHaveAccessibleDescription(/^A number from 0 to 1,000,000, or nothing\./);
    expect(await violations()).toEqual([]);

    await user.type(screen.getByLabelText('Name'), 'Heat pump');
    await user.type(limit, '.5');
    await user.type(screen.getByLabelText('Price per kWh'), '{Backspace>3/}9');
    await user.click(screen.getByRole('button', { name: 'Create device' }));

    await waitFor(() => expect(screen.getByLabelText('Name')).toHaveAccessibleDescription('There is one already.'));
    expect(screen.getByLabelText('Name')).toHaveFocus();
    expect(screen.getByLabelText('Price per kWh')).toHaveAccessibleDescription(/^Too much\./);
  });
});

describe('the page of a device', () => {
  const open = async () => {
    const app = renderApp(`/devices/${heatPump.id}/edit`);
    await screen.findByRole('heading', { name: 'Heat pump', level: 1 });
    return { ...app, details: within(screen.getByRole('form', { name: 'Details' })) };
  };

  async function limit(to: string) {
    const app = await open();
    const entry = app.details.getByLabelText('Limit, kWh per hour');
    await app.user.clear(entry);
    await app.user.type(entry, to);
    await app.user.click(app.details.getByRole('button', { name: 'Save' }));
    return { ...app, entry };
  }

  it('sends what was changed, and the version that it was changed from', async () => {
    let device = registered(heatPump);
    const sent: unknown[] = [];
    server.use(
      http.get(devices, () => HttpResponse.json(device, { headers: { ETag: '"3"' } })),
      http.put(devices, async ({ request }) => {
        sent.push(request.headers.get('If-Match'), await request.json());
        device = registered({ ...heatPump, max_consumption: 3 });
        return HttpResponse.json({ message: '', device });
      }),
    );
    const { client, details, entry } = await limit('3');

    expect(await screen.findByText('Heat pump is saved.')).toBeVisible();
    expect(sent).toEqual(['"3"', { max_consumption: 3 }]);
    expect(entry).toHaveValue('3');
    expect(details.getByRole('button', { name: 'Save' })).toHaveAttribute('aria-disabled', 'true');
    expect(await violations()).toEqual([]);

    // What is saved is nobody's entry any more.
    device = registered({ ...heatPump, max_consumption: 4 });
    await act(() => client.invalidateQueries({ queryKey: ['registered'] }));
    await waitFor(() => expect(entry).toHaveValue('4'));
  });

  it('sends since when the changes are valid, at midnight of the site, and tells what was valid before', async () => {
    const settings = [
      { from: null, max_consumption: 2, price: null, reporting_interval_seconds: 600 },
      { from: '2026-11-02T12:00:00Z', max_consumption: 2, price: 0.5, reporting_interval_seconds: 600 },
    ];
    let device = registered(heatPump, { settings });
    const sent: unknown[] = [];
    server.use(
      http.get(devices, () => HttpResponse.json(device, { headers: { ETag: '"3"' } })),
      http.put(devices, async ({ request }) => {
        sent.push(await request.json());
        device = registered({ ...heatPump, max_consumption: 3 }, { settings });
        return HttpResponse.json({ message: '', device });
      }),
    );
    const { user, details } = await open();
    fireEvent.change(details.getByLabelText(/valid from$/), { target: { value: '2026-10-01' } });
    await user.clear(details.getByLabelText('Limit, kWh per hour'));
    await user.type(details.getByLabelText('Limit, kWh per hour'), '3');
    await user.click(details.getByRole('button', { name: 'Save' }));

    expect(await screen.findByText('Heat pump is saved.')).toBeVisible();
    expect(sent).toEqual([{ max_consumption: 3, valid_from: '2026-09-30T21:00:00.000Z' }]);
    expect(details.getByLabelText(/valid from$/)).toHaveValue('');

    // A day alone is of the last change, which was the price's.
    fireEvent.change(details.getByLabelText(/valid from$/), { target: { value: '2026-09-01' } });
    await user.click(details.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1]).toEqual({ price: 0.5, valid_from: '2026-08-31T21:00:00.000Z' });

    await user.click(screen.getByText('What was valid when (2)'));
    const rows = within(screen.getByRole('table', { name: /^Limits, prices and intervals/ })).getAllByRole('row');
    expect(rows[1]).toHaveTextContent(/^Nov 2, 2026, .*2\skWh0\.50600 s$/);
    expect(rows[2]).toHaveTextContent(/^The beginning2\skWhNone600 s$/);
    expect(await violations()).toEqual([]);
  });

  it('shows what somebody else has changed meanwhile beside what was entered, and saves that on top', async () => {
    let [device, version] = [registered(heatPump), '"3"'];
    const sent: unknown[] = [];
    server.use(
      http.get(devices, () => HttpResponse.json(device, { headers: { ETag: version } })),
      http.put(devices, async ({ request }) => {
        sent.push(request.headers.get('If-Match'), await request.json());
        if (request.headers.get('If-Match') === '"4"') return HttpResponse.json({ message: '', device });
        [device, version] = [registered({ ...heatPump, price: 0.7 }), '"4"'];
        return problem(412, 'Precondition Failed');
      }),
    );
    const { user, details, entry } = await limit('3');

    expect(await screen.findByRole('alert')).toHaveTextContent(/^Somebody else has changed this meanwhile/);
    expect(details.getByLabelText('Price per kWh')).toHaveValue('0.7');
    expect(entry).toHaveValue('3');
    await user.click(details.getByRole('button', { name: 'Save' }));

    expect(await screen.findByText('Heat pump is saved.')).toBeVisible();
    expect(sent).toEqual(['"3"', { max_consumption: 3 }, '"4"', { max_consumption: 3 }]);
  });

  it('says at the entry what the server has against it, and asks before it is left', async () => {
    server.use(http.put(devices, () => problem(400, 'Invalid', { errors: { max_consumption: ['Too much.'] } })));
    const { user, entry, path } = await limit('999999');

    await waitFor(() => expect(entry).toHaveAccessibleDescription(/^Too much\./));
    await user.click(screen.getByRole('link', { name: /to the start/ }));
    await user.click(await screen.findByRole('button', { name: 'Stay' }));
    expect(path()).toBe(`/devices/${heatPump.id}/edit`);
    expect(entry).toHaveValue('999999');
  });

  it('names what a deletion means, keeps the device when it fails, and leaves its page when it is gone', async () => {
    let away = true;
    server.use(
      http.get('/api/devices', () => paged([])),
      http.delete(devices, () =>
        away ? problem(503, 'Service Unavailable', { detail: 'The database is away.' }) : new HttpResponse(null, { status: 204 }),
      ),
    );
    const { user, path } = await open();

    await user.click(screen.getByRole('button', { name: 'Delete device' }));
    const dialog = await screen.findByRole('alertdialog', { name: 'Delete Heat pump?' });
    expect(dialog).toHaveTextContent(/nobody sees it any more; its assignments go/);
    expect(dialog).toHaveTextContent(/stays on record until retention ends/);
    expect(await violations()).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Delete' }));
    expect(await within(dialog).findByRole('alert')).toHaveTextContent('The database is away.');
    away = false;
    await user.click(within(dialog).getByRole('button', { name: 'Delete' }));

    expect(await screen.findByText('Heat pump is deleted.')).toBeVisible();
    await waitFor(() => expect(path()).toBe('/devices'));
  });

  const sends = (seconds: number) =>
    server.use(
      http.get('/api/monitoring/measurements', ({ request }) =>
        HttpResponse.json(
          Array.from({ length: Number(new URL(request.url).searchParams.get('limit')) }, (_, index) => ({
            device_id: heatPump.id,
            timestamp: new Date(Date.now() - (index + 1) * seconds * 1000).toISOString(),
            measurement_value: 0.1,
          })),
        ),
      ),
    );

  it('suggests the interval at which the meter sends, where the device is registered with another one', async () => {
    sends(60);
    await open();

    expect(await screen.findByText(/^Its latest readings are 60 seconds apart, not 600\. Enter 60/)).toBeVisible();
    expect(await violations()).toEqual([]);
  });

  it('suggests no interval where the meter sends as registered', async () => {
    sends(600);
    await open();

    expect(await screen.findByText('10 minutes ago')).toBeVisible();
    expect(screen.queryByText(/^Its latest readings are/)).not.toBeInTheDocument();
  });

  it('says that there is no such device', async () => {
    renderApp(`/devices/${office.id}/edit`);

    expect(await screen.findByRole('heading', { name: 'There is no such device' })).toBeVisible();
  });
});
