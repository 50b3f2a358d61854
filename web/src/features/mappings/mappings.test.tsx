import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, expect, it, vi } from 'vitest';
import { violations } from '@/testing/axe';
import { accountOf, carol, dora, heatPump, mappingOf, office, personOf, registered } from '@/testing/data';
import { renderApp } from '@/testing/renderApp';
import { asAdmin, paged, problem, server } from '@/testing/server';
import type { Mapping, Period } from './api/mappings';

const erik = personOf(3, 'erik', { fname: 'Erik', lname: 'Berg' });
const people = [carol, dora, erik];
const things = [heatPump, office];

let assigned: Set<string>;
let ended: Mapping[];
/** Of every mapping, where a test sets them. */
let periods: Period[] | undefined;
/** Every change that was asked for, in any order. */
let changes: string[];

const key = (user: unknown, device: unknown) => `${String(user)} ${String(device)}`;
const named = (change: string) =>
  [...people, ...things].reduce((text, one) => text.replace(one.id, 'username' in one ? one.username : one.name), change);
const asked = () => changes.map(named).toSorted();

/** An installation that keeps its mappings. Carol sees the heat pump. */
beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-20T08:30:00Z'), toFake: ['Date'] });
  assigned = new Set([key(carol.id, heatPump.id)]);
  changes = [];
  ended = [];
  periods = undefined;
  server.use(
    asAdmin,
    http.put('/api/mappings/:user/:device', async ({ params, request }) => {
      const body = (await request.json()) as { periods: Period[] };
      changes.push(`change ${key(params.user, params.device)} ${JSON.stringify(body.periods)}`);
      periods = body.periods;
      return HttpResponse.json({ message: '' });
    }),
    http.get('/api/mappings', ({ request }) => {
      const query = new URL(request.url).searchParams;
      if (query.get('ended')) return HttpResponse.json(ended);
      const all = people
        .flatMap((person) => things.map((thing) => ({ ...mappingOf(person, thing), ...(periods && { periods }) })))
        .filter((mapping) => assigned.has(key(mapping.user_id, mapping.device_id)));
      const other = query.get('shared_with');
      return HttpResponse.json(
        other
          ? all.filter(({ user_id, device_id }) => user_id !== other && assigned.has(key(other, device_id)))
          : all.filter(({ user_id, device_id }) => user_id === query.get('user_id') || device_id === query.get('device_id')),
      );
    }),
    http.post('/api/mappings/assign', async ({ request }) => {
      const { user_id, device_id } = (await request.json()) as { user_id: string; device_id: string };
      changes.push(`assign ${key(user_id, device_id)}`);
      assigned.add(key(user_id, device_id));
      return HttpResponse.json({ message: '', mapping: { periods: [{ from: '2026-11-20T08:30:00Z', until: null }] } });
    }),
    http.delete('/api/mappings/:user/:device', ({ params }) => {
      changes.push(`remove ${key(params.user, params.device)}`);
      assigned.delete(key(params.user, params.device));
      return new HttpResponse(null, { status: 204 });
    }),
    http.get('/api/users', ({ request }) => {
      const search = new URL(request.url).searchParams.get('search') ?? '';
      return paged(people.filter(({ username, lname }) => `${username} ${lname}`.toLowerCase().includes(search)));
    }),
    http.get('/api/devices', () => paged(things.map((thing) => registered(thing)))),
    http.get('/api/devices/:id', () => HttpResponse.json(registered(heatPump))),
    http.get('/api/auth/users/:id', () => HttpResponse.json(accountOf(carol))),
    http.get('/api/users/:id', () => HttpResponse.json(carol)),
    http.get('/api/monitoring/hourly/daily', () => HttpResponse.json({ measurement_count: 0, hourly_data: [] })),
  );
});

const list = async (name: string) => within(await screen.findByRole('list', { name }));

it('assigns several people to a device, who are searched by their names, and takes that back', async () => {
  const { user } = renderApp(`/devices/${heatPump.id}/edit`);

  expect(await (await list('People')).findByRole('link', { name: 'carol' })).toHaveAttribute('href', `/users/${carol.id}`);
  await user.click(screen.getByRole('button', { name: 'Assign people' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Assign people' }));
  const box = (name: RegExp) => dialog.findByRole('checkbox', { name });
  expect(await box(/^carol\s*Assigned already$/)).toBeDisabled();
  expect(dialog.getByRole('button', { name: 'Assign' })).toBeDisabled();
  await user.click(await box(/^dora\s*Administrator$/));
  await user.type(dialog.getByRole('searchbox', { name: 'Search by username, name or e-mail' }), 'berg');
  await waitFor(() => expect(dialog.queryByRole('checkbox', { name: /^dora/ })).not.toBeInTheDocument());
  await user.click(await box(/^erik\s*Erik Berg$/));
  expect(await violations()).toEqual([]);
  await user.click(dialog.getByRole('button', { name: 'Assign 2 people' }));

  expect(await screen.findByText('2 are assigned.')).toBeVisible();
  expect(asked()).toEqual(['assign dora Heat pump', 'assign erik Heat pump']);
  await waitFor(async () => expect((await list('People')).getAllByRole('listitem')).toHaveLength(3));
  await user.click(screen.getByRole('button', { name: 'Undo' }));

  await waitFor(async () => expect((await list('People')).getAllByRole('listitem')).toHaveLength(1));
  expect(asked().slice(2)).toEqual([
    'change dora Heat pump []',
    'change erik Heat pump []',
    'remove dora Heat pump',
    'remove erik Heat pump',
  ]);
});

it('assigns devices to somebody, and tells who else sees them by one question', async () => {
  const questions: string[] = [];
  [dora, erik].forEach(({ id }) => assigned.add(key(id, heatPump.id)));
  server.use(
    http.get(
      '/api/mappings',
      ({ request }) => void questions.push(new URL(request.url).searchParams.toString().replace(/=[^&]*/g, '')),
    ),
  );
  const { user } = renderApp(`/users/${carol.id}`);

  await waitFor(async () =>
    expect((await list('Devices')).getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
      'Heat pumpsince Nov 2, 2026 · shared with dora, erik',
    ]),
  );
  expect(questions.toSorted()).toEqual(['shared_with&limit', 'user_id&ended&limit', 'user_id&limit']);
  expect(await violations()).toEqual([]);

  await user.click(screen.getByRole('button', { name: 'Assign devices' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Assign devices' }));
  expect(await dialog.findByRole('checkbox', { name: /^Heat pump/ })).toBeDisabled();
  await user.click(dialog.getByRole('checkbox', { name: 'Office' }));
  await user.click(dialog.getByRole('button', { name: 'Assign 1 device' }));

  expect(await screen.findByText('Office is assigned.')).toBeVisible();
  expect(asked()).toEqual(['assign carol Office']);
  expect(await (await list('Devices')).findByRole('link', { name: 'Office' })).toBeVisible();
});

it('takes a device away, and gives it back when that was a mistake', async () => {
  const { user } = renderApp(`/users/${carol.id}`);

  await user.click(await screen.findByRole('button', { name: 'Remove Heat pump' }));
  expect(await screen.findByText('Heat pump is no longer assigned.')).toBeVisible();
  expect(await screen.findByText(/^None yet\./)).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Undo' }));

  expect(await (await list('Devices')).findByRole('link', { name: 'Heat pump' })).toBeVisible();
  expect(asked()).toEqual([
    'assign carol Heat pump',
    'change carol Heat pump [{"from":"2026-11-02T12:00:00Z","until":null}]',
    'remove carol Heat pump',
  ]);
});

it('changes since when a device is somebody’s, to a day or to the beginning', async () => {
  const { user } = renderApp(`/users/${carol.id}`);
  const open = async () => {
    await user.click(await screen.findByRole('button', { name: 'Change since when Heat pump is assigned' }));
    return within(await screen.findByRole('dialog', { name: 'Since when?' }));
  };

  const first = await open();
  expect(first.getByLabelText('First day')).toHaveValue('2026-11-02');
  expect(await violations()).toEqual([]);
  fireEvent.change(first.getByLabelText('First day'), { target: { value: '2026-10-01' } });
  await user.click(first.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText(/^since Oct 1, 2026/)).toBeVisible();

  const second = await open();
  await user.click(second.getByRole('checkbox', { name: 'From the beginning' }));
  expect(second.getByLabelText('First day')).toBeDisabled();
  await user.click(second.getByRole('button', { name: 'Save' }));

  expect(await screen.findByText(/^from the beginning/)).toBeVisible();
  // Midnight in Bucharest.
  const from = '2026-09-30T21:00:00.000Z';
  expect(changes.map(named)).toEqual([
    `change carol Heat pump [{"from":"${from}","until":null}]`,
    'change carol Heat pump [{"from":null,"until":null}]',
  ]);
});

it('says why another beginning is refused', async () => {
  server.use(http.put('/api/mappings/:user/:device', () => problem(404, 'Not found', { detail: 'It was never assigned.' })));
  const { user } = renderApp(`/users/${carol.id}`);

  await user.click(await screen.findByRole('button', { name: 'Change since when Heat pump is assigned' }));
  await user.click(await screen.findByRole('button', { name: 'Save' }));

  expect(await screen.findByRole('alert')).toHaveTextContent('It was never assigned.');
});

it('tells whom a device belonged to before', async () => {
  ended = [
    {
      ...mappingOf(dora, heatPump),
      is_assigned: false,
      periods: [
        { from: null, until: '2026-03-04T12:00:00Z' },
        { from: '2026-06-01T12:00:00Z', until: '2026-09-04T12:00:00Z' },
      ],
    },
  ];
  const { user } = renderApp(`/devices/${heatPump.id}/edit`);

  await user.click(await screen.findByText('Before (1)'));

  const before = await list('Before');
  expect(before.getByRole('link', { name: 'dora' })).toHaveAttribute('href', `/users/${dora.id}`);
  expect(before.getByText('until Mar 4, 2026, Jun 1, 2026 – Sep 4, 2026')).toBeVisible();
  expect(await violations()).toEqual([]);
});

it('keeps what could be assigned and says why the rest could not', async () => {
  server.use(
    http.post('/api/mappings/assign', async ({ request }) => {
      const { user_id } = (await request.clone().json()) as { user_id: string };
      return user_id === dora.id ? problem(404, 'Not found', { detail: 'There is no user with this user_id.' }) : undefined;
    }),
  );
  const { user } = renderApp(`/devices/${heatPump.id}/edit`);

  await user.click(await screen.findByRole('button', { name: 'Assign people' }));
  for (const name of [/^dora/, /^erik/]) await user.click(await screen.findByRole('checkbox', { name }));
  await user.click(screen.getByRole('button', { name: 'Assign 2 people' }));

  expect(await screen.findByText('1 is assigned. Of the other 1: There is no user with this user_id.')).toBeVisible();
  expect(await (await list('People')).findByRole('link', { name: 'erik' })).toBeVisible();
  expect((await list('People')).queryByRole('link', { name: 'dora' })).not.toBeInTheDocument();
  // What was done can be taken back.
  await user.click(screen.getByRole('button', { name: 'Undo' }));
  await waitFor(async () => expect((await list('People')).queryByRole('link', { name: 'erik' })).not.toBeInTheDocument());
});

it('takes several away at once, and gives all of them back', async () => {
  [dora, erik].forEach(({ id }) => assigned.add(key(id, heatPump.id)));
  const { user } = renderApp(`/devices/${heatPump.id}/edit`);

  await user.click(await screen.findByRole('checkbox', { name: 'Select dora' }));
  expect(screen.getByText('1 selected')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Select all' }));
  expect(screen.queryByRole('button', { name: 'Select all' })).not.toBeInTheDocument();
  await user.click(screen.getByRole('checkbox', { name: 'Select carol' }));
  expect(await violations()).toEqual([]);
  await user.click(screen.getByRole('button', { name: 'Remove 2' }));

  expect(await screen.findByText('2 are no longer assigned.')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Assign people' })).toHaveFocus();
  await waitFor(async () => expect((await list('People')).getAllByRole('listitem')).toHaveLength(1));
  expect(asked()).toEqual(['remove dora Heat pump', 'remove erik Heat pump']);
  // One alone needs no selection.
  expect(screen.queryByRole('checkbox')).not.toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Undo' }));

  await waitFor(async () => expect((await list('People')).getAllByRole('listitem')).toHaveLength(3));
  expect(screen.getByRole('checkbox', { name: 'Select dora' })).not.toBeChecked();
});
