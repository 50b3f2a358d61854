import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, expect, it } from 'vitest';
import { violations } from '@/testing/axe';
import { heatPump, office, registered } from '@/testing/data';
import { renderApp } from '@/testing/renderApp';
import { asAdmin, problem, server } from '@/testing/server';

const feedIn = registered(office, { name: 'Heat pump, feed-in', direction: 'production', feed_in_of: heatPump.id });

beforeEach(() =>
  server.use(
    asAdmin,
    http.get('/api/devices/:id', ({ params: { id } }) =>
      HttpResponse.json(id === feedIn.id ? feedIn : registered(heatPump), { headers: { ETag: '"1"' } }),
    ),
    http.get('/api/mappings', () => HttpResponse.json([])),
    http.get('/api/tariffs', () => HttpResponse.json([])),
    http.get('/api/monitoring/hourly/daily', () => HttpResponse.json({ measurement_count: 0, hourly_data: [] })),
    http.get('/api/monitoring/quarantine', () => HttpResponse.json([])),
  ),
);

const section = async (name: string) => within(await screen.findByRole('region', { name }));

it('adds the feed-in of a two-way meter and leads to it, and from there back', async () => {
  let sent: unknown;
  server.use(
    http.post('/api/devices', async ({ request }) => {
      sent = await request.json();
      return HttpResponse.json({ message: '', device: feedIn }, { status: 201 });
    }),
  );
  const { user, path } = renderApp(`/devices/${heatPump.id}/edit`);

  await user.click(await (await section('Feed-in')).findByRole('button', { name: 'Add the feed-in' }));

  await waitFor(() => expect(path()).toBe(`/devices/${feedIn.id}/edit`));
  expect(sent).toEqual({ name: 'Heat pump, feed-in', max_consumption: 2, register_digits: null, feed_in_of: heatPump.id });
  expect(await screen.findByRole('link', { name: 'Heat pump' })).toHaveAttribute('href', `/devices/${heatPump.id}/edit`);
  expect(screen.queryByRole('button', { name: 'Replace the meter' })).toBeNull();
  expect(screen.getByLabelText('Direction of its energy')).toBeDisabled();
  expect(await violations()).toEqual([]);
});

it('leads to the feed-in that is there', async () => {
  server.use(http.get('/api/devices', () => HttpResponse.json([feedIn])));
  renderApp(`/devices/${heatPump.id}/edit`);

  expect(await (await section('Feed-in')).findByRole('link', { name: feedIn.name })).toHaveAttribute(
    'href',
    `/devices/${feedIn.id}/edit`,
  );
});

it('lets the meter of a feed-in be replaced once the other device is deleted', async () => {
  server.use(
    http.get('/api/devices/:id', ({ params: { id } }) =>
      id === feedIn.id ? HttpResponse.json(feedIn, { headers: { ETag: '"1"' } }) : problem(404, 'Not found'),
    ),
  );
  renderApp(`/devices/${feedIn.id}/edit`);

  expect(await screen.findByRole('button', { name: 'Replace the meter' })).toBeVisible();
});
