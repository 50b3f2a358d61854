import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, expect, it, vi } from 'vitest';
import { violations } from '@/testing/axe';
import { heatPump, registered } from '@/testing/data';
import { renderApp } from '@/testing/renderApp';
import { asAdmin, problem, server } from '@/testing/server';
import type { Meter } from './api/registry';

const first = '3fa85f64-5717-4562-b3fc-2c963f66afa6';
const second = '3fa85f64-5717-4562-b3fc-2c963f66afa7';

let meters: Meter[];
let version: number;
/** Every list that was sent, with the version that it was to replace. */
let sent: { meters: Meter[]; version: string | null }[];

/** An installation that keeps the heat pump's meters. Its site is in Bucharest. */
beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-20T08:30:00Z'), toFake: ['Date'] });
  meters = [];
  version = 1;
  sent = [];
  const device = () => registered(heatPump, { meters });
  server.use(
    asAdmin,
    http.get('/api/devices/:id', () => HttpResponse.json(device(), { headers: { ETag: `"${version}"` } })),
    http.put('/api/devices/:id/meters', async ({ request }) => {
      const body = (await request.json()) as { meters: Meter[] };
      sent.push({ ...body, version: request.headers.get('If-Match') });
      meters = body.meters.map((meter, index) => ({
        ...meter,
        from: meter.from ?? (index === 0 ? null : '2026-11-20T08:30:00Z'),
      }));
      version++;
      return HttpResponse.json({ message: '', device: device() }, { headers: { ETag: `"${version}"` } });
    }),
    http.get('/api/mappings', () => HttpResponse.json([])),
    http.get('/api/monitoring/hourly/daily', () => HttpResponse.json({ measurement_count: 0, hourly_data: [] })),
    http.get('/api/monitoring/quarantine', () =>
      HttpResponse.json([
        { device_id: second, received_at: '2026-11-20T08:29:00Z' },
        { device_id: second, received_at: '2026-11-20T08:20:00Z' },
      ]),
    ),
  );
});

const section = async () => within(await screen.findByRole('region', { name: 'Meter' }));

async function open(button: string, title: string) {
  const { user } = renderApp(`/devices/${heatPump.id}/edit`);
  await user.click((await section()).getByRole('button', { name: button }));
  return { user, dialog: within(await screen.findByRole('dialog', { name: title })) };
}

it('replaces the meter now by one that reports already, and takes that back', async () => {
  const { user, dialog } = await open('Replace the meter', 'Replace the meter');

  expect(await dialog.findByText(/^As the meter sends it\. Ids that report/)).toBeVisible();
  expect(document.querySelectorAll('datalist option')).toHaveLength(1);
  expect(document.querySelector('datalist option')).toHaveTextContent('Reported 1 minute ago');
  expect(await violations()).toEqual([]);
  await user.type(dialog.getByLabelText('Id of the new meter'), second);
  expect(dialog.getByLabelText('Measures since')).toBeDisabled();
  await user.click(dialog.getByRole('button', { name: 'Save' }));

  expect(await screen.findByText('The meter is replaced.')).toBeVisible();
  expect(await (await section()).findByText(second)).toBeVisible();
  expect((await section()).getByText(/^Since Nov 20, 2026, 10:30\sAM$/)).toBeVisible();
  expect(sent).toEqual([{ meters: [{ meter_id: heatPump.id, from: null }, { meter_id: second }], version: '"1"' }]);

  await user.click(await screen.findByRole('button', { name: 'Undo' }));
  await waitFor(async () => expect((await section()).getByText('From the beginning')).toBeVisible());
  expect(sent[1]).toEqual({ meters: [{ meter_id: heatPump.id, from: null }], version: '"2"' });
});

it('replaces the meter from a moment by the clock of the site on', async () => {
  const { user, dialog } = await open('Replace the meter', 'Replace the meter');

  await user.type(dialog.getByLabelText('Id of the new meter'), 'seven');
  await user.click(dialog.getByRole('checkbox', { name: 'Since now' }));
  fireEvent.change(dialog.getByLabelText('Measures since'), { target: { value: '2026-11-19T14:20' } });
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  expect(dialog.getByText(/^An id looks like/)).toBeVisible();
  expect(sent).toEqual([]);

  await user.clear(dialog.getByLabelText('Id of the new meter'));
  await user.type(dialog.getByLabelText('Id of the new meter'), ` ${first} `);
  await user.click(dialog.getByRole('button', { name: 'Save' }));

  expect(await screen.findByText('The meter is replaced.')).toBeVisible();
  expect(sent[0]?.meters).toEqual([
    { meter_id: heatPump.id, from: null },
    { meter_id: first, from: '2026-11-19T12:20:00.000Z' },
  ]);
});

it('lists earlier meters, corrects since when the present one measures, and undoes the replacement', async () => {
  meters = [
    { meter_id: heatPump.id, from: null },
    { meter_id: first, from: '2026-03-01T09:30:00Z' },
    { meter_id: second, from: '2026-10-01T07:00:07Z' },
  ];
  const { user, dialog } = await open('Correct', 'Correct the meter');

  expect(dialog.getByLabelText('Id of the meter')).toHaveValue(second);
  expect(dialog.getByLabelText('Measures since')).toHaveValue('2026-10-01T10:00');
  // What isn't changed keeps its seconds.
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('The meter is corrected.')).toBeVisible();
  expect(sent[0]?.meters).toEqual(meters);

  await user.click(await screen.findByText('Earlier meters (2)'));
  const earlier = within(screen.getByRole('list', { name: 'Earlier meters' }));
  expect(earlier.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    expect.stringMatching(new RegExp(`^${first}Mar 1, 2026, 11:30\\sAM – Oct 1, 2026, 10:00\\sAM$`)),
    expect.stringMatching(new RegExp(`^${heatPump.id}until Mar 1, 2026, 11:30\\sAM$`)),
  ]);
  expect(await violations()).toEqual([]);
  await user.click((await section()).getByRole('button', { name: 'Undo the replacement' }));

  expect(await screen.findByText('The replacement is undone.')).toBeVisible();
  expect(await (await section()).findByText('Earlier meters (1)')).toBeVisible();
});

it('corrects the id of the first meter, which has no beginning', async () => {
  const { user, dialog } = await open('Correct', 'Correct the meter');

  expect(dialog.queryByLabelText('Measures since')).not.toBeInTheDocument();
  await user.clear(dialog.getByLabelText('Id of the meter'));
  await user.type(dialog.getByLabelText('Id of the meter'), first);
  await user.click(dialog.getByRole('button', { name: 'Save' }));

  expect(await (await section()).findByText(first)).toBeVisible();
  expect(sent[0]?.meters).toEqual([{ meter_id: first, from: null }]);
});

it('says which device has the meter, and what is wrong with the list', async () => {
  const { user, dialog } = await open('Replace the meter', 'Replace the meter');
  const save = async () => {
    await user.click(dialog.getByRole('button', { name: 'Save' }));
    return dialog.findByRole('alert');
  };

  await user.type(dialog.getByLabelText('Id of the new meter'), first);
  server.use(
    http.put('/api/devices/:id/meters', () => problem(409, 'Conflict', { detail: 'It measures for the device “Office”.' })),
  );
  expect(await save()).toHaveTextContent('It measures for the device “Office”.');
  server.use(
    http.put('/api/devices/:id/meters', () => problem(400, 'Invalid', { errors: { meters: ['The time lies in the future.'] } })),
  );
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(dialog.getByRole('alert')).toHaveTextContent('The time lies in the future.'));
});
