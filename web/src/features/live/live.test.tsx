import { act, screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { admin, dayOf, full, heatPump, nothing } from '@/testing/data';
import { hub } from '@/testing/FakeHub';
import { renderApp } from '@/testing/renderApp';
import { server } from '@/testing/server';
import { retryDelay } from './connection';

const page = `/consumption/${heatPump.id}`;
const now = new Date('2026-11-20T10:30:00+02:00');

const told = (total: number, count: number) => [
  {
    device_id: heatPump.id,
    timestamp: '2026-11-20T10:20:00+02:00',
    measurement_value: 0.25,
    hour: {
      start: '2026-11-20T10:00:00+02:00',
      total_consumption: total,
      measurement_count: count,
      expected_count: count,
      cost: null,
    },
  },
];

const seconds = (count: number) => act(() => vi.advanceTimersByTimeAsync(count * 1000));

describe('a live page', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now, shouldAdvanceTime: true });
    hub.available = true;
    server.use(
      http.get('/api/monitoring/hourly/range', () =>
        HttpResponse.json(dayOf(heatPump, '2026-11-20', (hour) => (hour < 10 ? full(1) : nothing))),
      ),
    );
  });

  it('moves as readings come', async () => {
    renderApp(page);
    const total = (await screen.findByText('Total')).parentElement;
    await waitFor(() => expect(hub.isOpen()).toBe(true));

    hub.send('devices', told(0.5, 2));

    await waitFor(() => expect(total).toHaveTextContent('10.5kWh'));
    expect(screen.getByText(/^Live, as of/)).toBeVisible();
  });

  it('says that it is no longer live, and heals by itself, asking for what it missed', async () => {
    renderApp(page);
    const total = (await screen.findByText('Total')).parentElement;
    await waitFor(() => expect(hub.isOpen()).toBe(true));

    hub.available = false;
    hub.lose();
    await seconds(4);
    expect(await screen.findByRole('alert')).toHaveTextContent('Live updates are interrupted');

    server.use(
      http.get('/api/monitoring/hourly/range', () =>
        HttpResponse.json(dayOf(heatPump, '2026-11-20', (hour) => (hour < 10 ? full(2) : nothing))),
      ),
    );
    hub.available = true;
    await seconds(10);

    await waitFor(() => expect(screen.queryByRole('alert')).not.toBeInTheDocument());
    await waitFor(() => expect(total).toHaveTextContent('20kWh'));
  });

  it('tells of a new alert', async () => {
    renderApp(page);
    await screen.findByText('Total');
    await waitFor(() => expect(hub.isOpen()).toBe(true));
    server.use(http.get('/api/monitoring/alerts', () => HttpResponse.json([{ id: '1' }])));

    const raised = {
      id: '1',
      device_id: heatPump.id,
      device_name: heatPump.name,
      hour_start: '2026-11-20T10:00:00+02:00',
      kind: 'exceeded',
      energy: 2.1,
      projected: 3,
      max_consumption: 2,
      raised_at: '2026-11-20T10:30:00+02:00',
      late: false,
    };
    hub.send('alert', raised);

    expect(await screen.findByText(/^Heat pump: 2\.1\skWh in an hour, over the limit of 2\skWh\.$/)).toBeVisible();
    expect(await screen.findByRole('link', { name: 'Alerts, 1 open' })).toBeVisible();

    hub.send('alert', { ...raised, hour_start: '2026-07-20T10:00:00+03:00', late: true });

    expect(await screen.findByText(/over the limit of 2\skWh, from readings that came late\.$/)).toBeVisible();
  });

  it('says which devices are in sight when an administrator looks', async () => {
    server.use(
      http.get('/session', () => HttpResponse.json({ user: admin })),
      http.get('/api/devices', () => HttpResponse.json([heatPump])),
    );
    renderApp('/');

    await waitFor(() => expect(hub.invoked.at(-1)).toEqual(['Watch', [heatPump.id]]));
  });
});

it('tries again soon at first and then ever more seldom', () => {
  expect([0, 1, 2, 5, 50].map((failures) => retryDelay(failures, 0.5))).toEqual([1_000, 2_000, 4_000, 30_000, 30_000]);
  expect(retryDelay(0, 0)).toBeLessThan(retryDelay(0, 0.9));
});
