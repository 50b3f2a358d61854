import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, expect, it, vi } from 'vitest';
import { violations } from '@/testing/axe';
import { alice, heatPump, office } from '@/testing/data';
import { renderApp } from '@/testing/renderApp';
import { problem, server } from '@/testing/server';

const alert = (id: string, more = {}) => ({
  id,
  device_id: heatPump.id,
  device_name: heatPump.name,
  device_deleted: false,
  time_zone: heatPump.time_zone,
  hour_start: '2026-11-20T16:00:00Z',
  kind: 'exceeded',
  energy: 2.4,
  projected: 2.4,
  max_consumption: 2,
  raised_at: '2026-11-20T17:00:00Z',
  acknowledged_at: null,
  acknowledged_by: null,
  late: false,
  ...more,
});

const named = ({ id, name, time_zone }: typeof heatPump) => ({ device_id: id, device_name: name, time_zone });

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-20T20:00:00Z'), toFake: ['Date'] }));

it('lists open alerts by the device’s clock, and an acknowledged one is gone', async () => {
  let open = [alert('1'), alert('2', { ...named(office), kind: 'projected', energy: 1.1, projected: 2.2 })];
  server.use(
    http.get('/api/monitoring/alerts', ({ request }) => {
      expect(new URL(request.url).searchParams.get('acknowledged')).toBe('false');
      return HttpResponse.json(open);
    }),
    http.post('/api/monitoring/alerts/:id/acknowledge', ({ params, request }) => {
      expect(request.headers.get('X-CSRF')).toBe('1');
      open = open.filter(({ id }) => id !== params.id);
      return HttpResponse.json(alert('1'));
    }),
  );
  const { user } = renderApp('/alerts');

  expect(await screen.findByText(/^2\.4\skWh in an hour, over the limit of 2\skWh$/)).toBeVisible();
  expect(screen.getByText(/^Fri, Nov 20, 6:00\sPM–7:00\sPM, Europe\/Bucharest \(UTC\+2\)$/)).toBeVisible();
  expect(screen.getByText(/^Fri, Nov 20, 9:30\sPM–10:30\sPM, Asia\/Kolkata \(UTC\+5:30\)$/)).toBeVisible();
  expect(screen.getByText(/^Was on the way to 2\.2\skWh in an hour/)).toBeVisible();
  expect(await screen.findByRole('link', { name: 'Alerts, 2 open' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Heat pump' })).toHaveAttribute('href', `/consumption/${heatPump.id}?date=2026-11-20`);
  expect(await violations()).toEqual([]);

  await user.click(screen.getByRole('button', { name: /^Acknowledge Heat pump/ }));

  await waitFor(() => expect(screen.queryByRole('link', { name: 'Heat pump' })).not.toBeInTheDocument());
  expect(await screen.findByRole('link', { name: 'Alerts, 1 open' })).toBeVisible();
});

it('shows all alerts page by page, acknowledged ones too', async () => {
  server.use(
    http.get('/api/monitoring/alerts', ({ request }) => {
      const query = new URL(request.url).searchParams;
      if (query.has('acknowledged')) return HttpResponse.json([]);
      if (query.get('after') === 'x') return HttpResponse.json([alert('2', { energy: 9 })]);
      return HttpResponse.json([alert('1', { acknowledged_at: '2026-11-20T18:00:00Z', acknowledged_by: alice.id })], {
        headers: { Link: '</api/monitoring/alerts?after=x>; rel="next"' },
      });
    }),
  );
  const { user, path } = renderApp('/alerts');

  expect(await screen.findByRole('heading', { name: 'Nothing needs your attention' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'All' }));
  expect(path()).toBe('/alerts?show=all');
  expect(await screen.findByText(/^Acknowledged by you, Nov 20, 2026, 1:00\sPM$/)).toBeVisible();

  await user.click(screen.getByRole('button', { name: 'Show earlier ones' }));
  expect(await screen.findByText(/^9\skWh in an hour/)).toBeVisible();
});

it('names a deleted device, which has no page any more', async () => {
  server.use(http.get('/api/monitoring/alerts', () => HttpResponse.json([alert('1', { device_deleted: true })])));
  renderApp('/alerts');

  expect(await screen.findByText('(deleted)')).toBeVisible();
  expect(screen.queryByRole('link', { name: 'Heat pump' })).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: /^Acknowledge Heat pump/ })).toBeEnabled();
});

it('acknowledges all that are shown, and says which are left', async () => {
  let open = [alert('1'), alert('2'), alert('3')];
  let broken = true;
  server.use(
    http.get('/api/monitoring/alerts', () => HttpResponse.json(open)),
    http.post('/api/monitoring/alerts/:id/acknowledge', ({ params }) => {
      if (broken && params.id === '2') return problem(500, 'Broken');
      open = open.filter(({ id }) => id !== params.id);
      return HttpResponse.json(alert('1'));
    }),
  );
  const { user } = renderApp('/alerts');

  await user.click(await screen.findByRole('button', { name: 'Acknowledge all 3' }));
  expect(await screen.findByText('2 of 3 alerts are acknowledged. Try the others again.')).toBeVisible();
  expect(document.getElementById('content')).toHaveFocus();
  await waitFor(() => expect(screen.getAllByRole('button', { name: /^Acknowledge Heat pump/ })).toHaveLength(1));

  // One that is left needs no button for all.
  expect(screen.queryByRole('button', { name: /^Acknowledge all/ })).not.toBeInTheDocument();
  broken = false;
  await user.click(screen.getByRole('button', { name: /^Acknowledge Heat pump/ }));
  expect(await screen.findByRole('heading', { name: 'Nothing needs your attention' })).toBeVisible();
});

it('says that an alert could not be acknowledged, and keeps it', async () => {
  server.use(
    http.get('/api/monitoring/alerts', () => HttpResponse.json([alert('1')])),
    http.post('/api/monitoring/alerts/:id/acknowledge', () => problem(500, 'Broken')),
  );
  const { user } = renderApp('/alerts');

  await user.click(await screen.findByRole('button', { name: /^Acknowledge Heat pump/ }));

  expect(await screen.findByText('The alert could not be acknowledged. Try again.')).toBeVisible();
  expect(screen.getByRole('button', { name: /^Acknowledge Heat pump/ })).toBeEnabled();
});

it('never tells of an hour as high as the limit that it is over', async () => {
  server.use(http.get('/api/monitoring/alerts', () => HttpResponse.json([alert('1', { energy: 3.001, max_consumption: 3 })])));
  renderApp('/alerts');

  expect(await screen.findByText(/^3\.001\skWh in an hour, over the limit of 3\skWh$/)).toBeVisible();
});

it('says of an alert that late readings raised it', async () => {
  server.use(http.get('/api/monitoring/alerts', () => HttpResponse.json([alert('1', { late: true }), alert('2')])));
  renderApp('/alerts');

  expect(await screen.findAllByText(/from readings that came late$/)).toHaveLength(1);
});
