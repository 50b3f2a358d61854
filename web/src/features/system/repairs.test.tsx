import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, expect, it, vi } from 'vitest';
import { around } from '@/testing/around';
import { violations } from '@/testing/axe';
import { heatPump, sagaOf } from '@/testing/data';
import { renderApp } from '@/testing/renderApp';
import { asAdmin, problem, server } from '@/testing/server';

const saga = sagaOf('compensating', [], {
  attempts: 40,
  last_error: 'Users gave no answer.',
  started_at: '2026-11-20T19:50:00Z',
  deadline: '2026-11-20T19:50:10Z',
});

const noLetters = (queue: string) => HttpResponse.json({ queue, count: 0, messages: [] });

/** An installation with nothing wrong. */
beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-20T20:00:00Z'), toFake: ['Date'] });
  server.use(
    asAdmin,
    http.get('/session/health', () => HttpResponse.json([])),
    http.get('/api/auth/sagas', () => HttpResponse.json([])),
    http.get('/api/users', () => HttpResponse.json([])),
    http.get('/api/devices', () => HttpResponse.json([])),
    http.get('/api/users/dead-letters', () => noLetters('user_sync_queue.dead')),
    http.get('/api/devices/dead-letters', () => noLetters('device_sync_queue.dead')),
    http.get('/api/monitoring/dead-letters', () => noLetters('sync_queue.dead')),
    http.get('/api/monitoring/ledger', () => HttpResponse.json([{ hour: '2026-11-20T19:00:00Z', balanced: true }])),
    http.get('/api/monitoring/quarantine/summary', () => HttpResponse.json([])),
    http.get('/api/monitoring/silent-devices', () => HttpResponse.json({ count: 0, devices: [] })),
  );
});

it('says so when nothing is wrong', async () => {
  renderApp('/system/repairs');

  expect(await screen.findByRole('heading', { name: 'Nothing is wrong' })).toBeVisible();
  expect(screen.queryByRole('listitem', { name: /doesn’t answer/ })).not.toBeInTheDocument();
  expect(await violations()).toEqual([]);
});

it('says what a service waits for, such as the message broker', async () => {
  server.use(
    http.get('/session/health', () =>
      HttpResponse.json([
        { name: 'identity', state: 'ready', reasons: [] },
        { name: 'devices', state: 'waiting', reasons: ['Waiting for the broker or the database: outbox.'] },
      ]),
    ),
  );
  renderApp('/system/repairs');

  const item = await screen.findByRole('heading', { name: 'Devices waits for something' });
  expect(around(item, 'li')).toHaveTextContent('Waiting for the broker or the database: outbox.');
  expect(screen.getAllByRole('listitem')).toHaveLength(1);
});

it('names everything that is wrong with a way out of each', async () => {
  server.use(
    http.get('/api/users', () => problem(503, 'Users is away')),
    http.get('/api/auth/sagas', ({ request }) =>
      HttpResponse.json(new URL(request.url).searchParams.get('state') === 'compensating' ? [saga] : []),
    ),
    http.get('/api/monitoring/ledger', () => HttpResponse.json([{ hour: '2026-11-20T19:00:00Z', balanced: false }])),
    http.get('/api/monitoring/quarantine/summary', () =>
      HttpResponse.json([{ reason: 'unknown_device', count: 1200, retryable: true }]),
    ),
    http.get('/api/monitoring/silent-devices', () =>
      HttpResponse.json({
        count: 7,
        devices: [
          { ...heatPump, last_reading: '2026-11-20T17:00:00Z' },
          ...Array.from({ length: 6 }, (_, number) => ({
            ...heatPump,
            id: `${number}`,
            name: `Meter ${number}`,
            last_reading: null,
          })),
        ],
      }),
    ),
  );
  renderApp('/system/repairs');

  expect(await screen.findByRole('heading', { name: 'Users doesn’t answer' })).toBeVisible();
  expect(await screen.findByRole('heading', { name: 'Registration of carol is stuck' })).toBeVisible();
  expect(screen.getByText(/Users gave no answer\./)).toBeVisible();
  expect(screen.getByRole('link', { name: 'Look at it' })).toHaveAttribute('href', `/system/sagas/${saga.id}`);
  expect(await screen.findByRole('heading', { name: 'The ledger doesn’t add up in an hour' })).toBeVisible();
  expect(await screen.findByRole('heading', { name: '1,200 readings are in quarantine' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Look at them' })).toHaveAttribute('href', '/system/quarantine?reason=unknown_device');
  const silent = (await screen.findByRole('heading', { name: '7 devices are silent' })).closest('li');
  expect(silent).toHaveTextContent('Heat pump, last heard of 3 hours ago');
  expect(silent).toHaveTextContent('Meter 0, never heard of');
  expect(silent).toHaveTextContent('and 2 more');
  expect(screen.getByRole('link', { name: 'Look at silent devices' })).toHaveAttribute('href', '/devices?show=silent');
  expect(await violations()).toEqual([]);
});

it('offers to try again only what may be accepted then', async () => {
  server.use(
    http.get('/api/monitoring/quarantine/summary', () => HttpResponse.json([{ reason: 'negative', count: 2, retryable: false }])),
  );
  renderApp('/system/repairs');

  const item = around(await screen.findByRole('heading', { name: '2 readings are in quarantine' }), 'li');
  expect(item).toHaveTextContent('Negative. Trying again doesn’t help');
  expect(within(item).queryByRole('button', { name: 'Try again' })).not.toBeInTheDocument();
});

it('has failed events tried again, and they are gone from the list', async () => {
  let count = 2;
  server.use(
    http.get('/api/devices/dead-letters', () =>
      HttpResponse.json({
        queue: 'device_sync_queue.dead',
        count,
        messages: Array.from({ length: count }, (_, number) => ({
          id: `${number}`,
          event_type: 'user_created',
          reason: 'TimeoutException: the disk was full',
          failed_at: '2026-11-20T19:00:00Z',
          body: '{}',
        })),
      }),
    ),
    http.post('/api/devices/dead-letters/replay', ({ request }) => {
      expect(request.headers.get('X-CSRF')).toBe('1');
      count = 0;
      return HttpResponse.json({ message: '2 messages are tried again.', moved: 2 });
    }),
  );
  const { user } = renderApp('/system/repairs');

  const item = around(await screen.findByRole('heading', { name: 'Devices couldn’t handle 2 events' }), 'li');
  expect(item).toHaveTextContent('user_created, 1 hour ago: TimeoutException: the disk was full');
  await user.click(within(item).getByRole('button', { name: 'Try again' }));

  expect(await screen.findByText('2 messages are tried again.')).toBeVisible();
  await waitFor(() => expect(screen.queryByRole('heading', { name: /couldn’t handle/ })).not.toBeInTheDocument());
});

it('has quarantined readings tried again, and says what came of it', async () => {
  server.use(
    http.get('/api/monitoring/quarantine/summary', () =>
      HttpResponse.json([{ reason: 'unknown_device', count: 1, retryable: true }]),
    ),
    http.post('/api/monitoring/quarantine/replay', async ({ request }) => {
      expect(await request.json()).toEqual({ reason: 'unknown_device' });
      return HttpResponse.json({ message: '1 reading was refused again.' });
    }),
  );
  const { user } = renderApp('/system/repairs');

  const item = around(await screen.findByRole('heading', { name: 'A reading is in quarantine' }), 'li');
  await user.click(within(item).getByRole('button', { name: 'Try again' }));

  expect(await screen.findByText('1 reading was refused again.')).toBeVisible();
});

it('compares replicas with their sources, and tells how many differed', async () => {
  const counts = (changed: number) => ({ added: 0, changed, removed: 0, unchanged: 9 });
  server.use(
    http.post('/api/devices/users/rebuild', () => HttpResponse.json(counts(1))),
    http.post('/api/monitoring/replicas/rebuild', () =>
      HttpResponse.json({ users: counts(0), devices: counts(2), mappings: counts(0) }),
    ),
  );
  const { user } = renderApp('/system/repairs');

  await user.click(await screen.findByRole('button', { name: 'Compare now' }));

  expect(await screen.findByText('3 replicated records differed and are mended.')).toBeVisible();
});
