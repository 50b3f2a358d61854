import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { violations } from '@/testing/axe';
import { accountOf, admin, carol, dora, heatPump, mappingOf, office, personOf, sagaOf } from '@/testing/data';
import { renderApp } from '@/testing/renderApp';
import { asAdmin, held, paged, problem, server } from '@/testing/server';

const accounts = '/api/auth/users/:id';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-20T08:30:00Z'), toFake: ['Date'] });
  server.use(
    asAdmin,
    http.get('/api/auth/sagas', () => HttpResponse.json([])),
    http.get('/api/mappings', () => HttpResponse.json([])),
    http.get(accounts, ({ params }) => {
      const known = [carol, dora].find(({ id }) => id === params.id);
      return known ? HttpResponse.json(accountOf(known), { headers: { ETag: '"7"' } }) : problem(404, 'Not found');
    }),
    http.get('/api/users/:id', ({ params }) => (params.id === carol.id ? HttpResponse.json(carol) : problem(404, 'Not found'))),
  );
});

describe('the list of users', () => {
  it('searches at the server page by page, has search and role in the address, and tells who can’t sign in', async () => {
    const asked: URLSearchParams[] = [];
    const erik = personOf(3, 'erik');
    server.use(
      http.get('/api/users', ({ request }) => {
        const query = new URL(request.url).searchParams;
        asked.push(query);
        return query.get('after') === 'x' ? paged([erik]) : paged([carol, dora], '/api/users?after=x');
      }),
      http.get(accounts, ({ params }) =>
        params.id === dora.id
          ? HttpResponse.json(accountOf(dora, { locked_until: '9999-12-31T23:59:59Z' }))
          : params.id === erik.id
            ? problem(500, 'Broken')
            : undefined,
      ),
    );
    const { user, path } = renderApp('/users');

    const row = async (name: string) => (await screen.findByRole('link', { name })).closest('tr');
    expect(await row('carol')).toHaveTextContent(/carolCarol Bergcarol@example\.comClient/);
    await waitFor(async () => expect(await row('carol')).toHaveTextContent(/Active.*Nov 1, 2026$/));
    await waitFor(async () => expect(await row('dora')).toHaveTextContent(/Administrator.*Locked/));
    await waitFor(async () => expect(await row('erik')).toHaveTextContent('Unknown'));
    expect(await violations()).toEqual([]);

    await user.type(screen.getByRole('searchbox', { name: 'Search by username, name or e-mail' }), 'berg');
    await waitFor(() => expect(path()).toBe('/users?q=berg'));
    await waitFor(() => expect(asked.at(-1)?.get('search')).toBe('berg'));
    await user.click(screen.getByRole('button', { name: 'Administrators' }));
    expect(path()).toBe('/users?q=berg&role=admin');
    await waitFor(() =>
      expect(Object.fromEntries(asked.at(-1) ?? [])).toEqual({
        limit: '1000',
        sort: 'username',
        search: 'berg',
        role: 'admin',
        after: 'x',
      }),
    );
  });

  it('is sorted by the server as its headers are pressed, and the address says how', async () => {
    const asked: (string | null)[] = [];
    server.use(
      http.get('/api/users', ({ request }) => {
        const sort = new URL(request.url).searchParams.get('sort');
        asked.push(sort);
        return paged(sort?.startsWith('-') ? [dora, carol] : [carol, dora]);
      }),
    );
    const { user, path } = renderApp('/users');
    const header = (name: string) => screen.getByRole('columnheader', { name });
    const names = () => screen.getAllByRole('link', { name: /^(carol|dora)$/ }).map(({ textContent }) => textContent);
    await screen.findByRole('link', { name: 'carol' });
    expect(header('Person')).toHaveAttribute('aria-sort', 'ascending');
    expect(header('Since')).not.toHaveAttribute('aria-sort');
    expect(within(header('Role')).queryByRole('button')).not.toBeInTheDocument();

    // The newest first, then the oldest.
    await user.click(within(header('Since')).getByRole('button'));
    expect(path()).toBe('/users?sort=-created_at');
    expect(header('Since')).toHaveAttribute('aria-sort', 'descending');
    await waitFor(() => expect(names()).toEqual(['dora', 'carol']));
    expect(await violations()).toEqual([]);
    await user.click(within(header('Since')).getByRole('button'));
    expect(path()).toBe('/users?sort=created_at');
    await waitFor(() => expect(names()).toEqual(['carol', 'dora']));
    // The usual order needs no words.
    await user.click(within(header('Person')).getByRole('button'));
    expect(path()).toBe('/users');
    await user.click(within(header('Person')).getByRole('button'));
    expect(path()).toBe('/users?sort=-username');
    await waitFor(() => expect(asked).toEqual(['username', '-created_at', 'created_at', '-username']));
  });

  it('takes an order that it doesn’t know for the usual one', async () => {
    const asked: (string | null)[] = [];
    server.use(
      http.get('/api/users', ({ request }) => {
        asked.push(new URL(request.url).searchParams.get('sort'));
        return paged([carol]);
      }),
    );
    renderApp('/users?sort=shoe_size');

    expect(await screen.findByRole('link', { name: 'carol' })).toBeVisible();
    expect(asked).toEqual(['username']);
  });

  it('starts from the address, and says when nobody is found', async () => {
    server.use(
      http.get('/api/users', ({ request }) => {
        expect(new URL(request.url).searchParams.get('search')).toBe('nobody');
        return paged([]);
      }),
    );
    renderApp('/users?q=nobody');

    expect(await screen.findByRole('heading', { name: 'Nobody is found' })).toBeVisible();
    expect(screen.getByRole('searchbox')).toHaveValue('nobody');
  });
});

describe('making a user', () => {
  async function enter() {
    const app = renderApp('/users/new');
    await app.user.type(await screen.findByLabelText('Username'), 'carol');
    await app.user.type(screen.getByLabelText('E-mail'), 'carol@example.com');
    await app.user.type(screen.getByLabelText('Password'), 'sunny-roof-7');
    await app.user.click(screen.getByRole('button', { name: 'Create user' }));
    return app;
  }

  it('shows the steps while the services are told, and then the new user', async () => {
    const answer = held();
    let sent: unknown;
    server.use(
      http.post('/session/accounts', async ({ request }) => {
        sent = await request.json();
        await answer.until;
        return HttpResponse.json({ user: carol }, { status: 201 });
      }),
      http.get('/api/auth/sagas', ({ request }) => {
        expect(new URL(request.url).searchParams.get('type')).toBe('registration');
        return HttpResponse.json([
          sagaOf('running', [], { id: 'another', username: 'dora' }),
          sagaOf('running', [{ state: 'done' }, { name: 'profile', error: 'Users gave no answer.' }, { name: 'activation' }]),
        ]);
      }),
    );
    const { path } = await enter();

    const steps = await screen.findByRole('list', { name: 'Steps' });
    expect(
      within(steps)
        .getAllByRole('listitem')
        .map(({ textContent }) => textContent),
    ).toEqual(['Login done', 'Profile trying againUsers gave no answer.', 'Activation not begun']);
    expect(screen.getByRole('button', { name: 'Creating…' })).toHaveAttribute('aria-disabled', 'true');
    expect(await violations()).toEqual([]);
    answer.letGo();

    expect(await screen.findByText('carol can sign in now.')).toBeVisible();
    await waitFor(() => expect(path()).toBe(`/users/${carol.id}`));
    expect(sent).toEqual({
      username: 'carol',
      role: 'client',
      password: 'sunny-roof-7',
      fname: null,
      lname: null,
      email: 'carol@example.com',
      phone: null,
    });
  });

  it('says that everything was undone, leads to what was, and keeps the entries', async () => {
    server.use(
      http.post('/session/accounts', () =>
        problem(503, 'Service Unavailable', { detail: 'Users gave no answer; everything was undone.', saga_id: 'the-saga' }),
      ),
    );
    await enter();

    expect(await screen.findByRole('alert')).toHaveTextContent('Users gave no answer; everything was undone.');
    expect(screen.getByRole('link', { name: 'See what was undone' })).toHaveAttribute('href', '/system/sagas/the-saga');
    expect(screen.getByLabelText('Username')).toHaveValue('carol');
  });

  it('says at the entries what the server has against them', async () => {
    server.use(
      http.post('/session/accounts', () =>
        problem(400, 'Invalid', { errors: { email: ['Somebody has this address.'], password: ['Too common.'] } }),
      ),
    );
    await enter();

    await waitFor(() => expect(screen.getByLabelText('E-mail')).toHaveAccessibleDescription('Somebody has this address.'));
    expect(screen.getByLabelText('E-mail')).toHaveFocus();
    expect(screen.getByLabelText('Password')).toHaveAccessibleDescription(/^Too common\./);
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });

  it('says what is wrong before it asks the server', async () => {
    const { user } = renderApp('/users/new');
    await user.type(await screen.findByLabelText('E-mail'), 'nowhere');
    await user.click(screen.getByRole('button', { name: 'Create user' }));

    await waitFor(() => expect(screen.getByLabelText('Username')).toHaveAccessibleDescription('Enter a username.'));
    expect(screen.getByLabelText('E-mail')).toHaveAccessibleDescription(/^Enter an e-mail address/);
    expect(screen.getByLabelText('Password')).toBeInvalid();
  });
});

describe('the page of a user', () => {
  const open = async () => {
    const app = renderApp(`/users/${carol.id}`);
    await screen.findByRole('heading', { name: /^carol/, level: 1 });
    return { ...app, details: within(screen.getByRole('form', { name: 'Details' })) };
  };

  async function rename(to: string) {
    const app = await open();
    const name = app.details.getByLabelText('First name');
    await app.user.clear(name);
    await app.user.type(name, to);
    await app.user.click(app.details.getByRole('button', { name: 'Save' }));
    return { ...app, name };
  }

  it('sends what was changed, and the version that it was changed from', async () => {
    let person = carol;
    const sent: unknown[] = [];
    server.use(
      http.get('/api/users/:id', () => HttpResponse.json(person)),
      http.put(accounts, async ({ request }) => {
        sent.push(request.headers.get('If-Match'), await request.json());
        person = { ...carol, fname: 'Caroline' };
        return HttpResponse.json({ message: '', user: accountOf(carol) });
      }),
    );
    const { details } = await rename('Caroline');

    expect(await screen.findByText('carol is saved.')).toBeVisible();
    expect(sent).toEqual(['"7"', { fname: 'Caroline' }]);
    await waitFor(() => expect(details.getByRole('button', { name: 'Save' })).toHaveAttribute('aria-disabled', 'true'));
    expect(await violations()).toEqual([]);
  });

  it('shows what somebody else has changed meanwhile beside what was entered, and saves that on top', async () => {
    let [person, version] = [carol, '"7"'];
    const sent: unknown[] = [];
    server.use(
      http.get(accounts, () => HttpResponse.json(accountOf(carol), { headers: { ETag: version } })),
      http.get('/api/users/:id', () => HttpResponse.json(person)),
      http.put(accounts, async ({ request }) => {
        sent.push(request.headers.get('If-Match'), await request.json());
        if (request.headers.get('If-Match') === '"8"') return HttpResponse.json({ message: '', user: accountOf(carol) });
        [person, version] = [{ ...carol, lname: 'Lindgren' }, '"8"'];
        return problem(412, 'Precondition Failed');
      }),
    );
    const { user, details, name } = await rename('Caroline');

    expect(await screen.findByRole('alert')).toHaveTextContent(/^Somebody else has changed this meanwhile/);
    expect(details.getByLabelText('Last name')).toHaveValue('Lindgren');
    expect(name).toHaveValue('Caroline');
    await user.click(details.getByRole('button', { name: 'Save' }));

    expect(await screen.findByText('carol is saved.')).toBeVisible();
    expect(sent).toEqual(['"7"', { fname: 'Caroline' }, '"8"', { fname: 'Caroline' }]);
  });

  it('forgets what was entered when asked to', async () => {
    const { user, details } = await open();
    const name = details.getByLabelText('First name');

    await user.type(name, 'ine');
    await user.click(details.getByRole('button', { name: 'Discard changes' }));

    expect(name).toHaveValue('Carol');
    expect(details.getByRole('button', { name: 'Save' })).toBeDisabled();
  });

  it('says at the entry what the server has against it', async () => {
    server.use(http.put(accounts, () => problem(400, 'Invalid', { errors: { fname: ['No such name.'] } })));
    const { name } = await rename('X');

    await waitFor(() => expect(name).toHaveAccessibleDescription('No such name.'));
    expect(name).toHaveFocus();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('asks before it makes somebody an administrator', async () => {
    let sent: unknown;
    server.use(
      http.put(accounts, async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ message: '', user: accountOf(carol) });
      }),
    );
    const { user, details } = await open();

    await user.selectOptions(details.getByLabelText('Role'), 'Administrator');
    await user.click(details.getByRole('button', { name: 'Save' }));
    const dialog = await screen.findByRole('alertdialog', { name: 'Make carol an administrator?' });
    expect(dialog).toHaveTextContent(/can change and delete every account and device/);
    expect(sent).toBeUndefined();
    await user.click(within(dialog).getByRole('button', { name: 'Make administrator' }));

    expect(await screen.findByText('carol is saved.')).toBeVisible();
    expect(sent).toEqual({ role: 'admin' });
  });

  it('resets the password', async () => {
    const sent: unknown[] = [];
    server.use(
      http.put(accounts, async ({ request }) => {
        sent.push(await request.json());
        return sent.length === 1
          ? problem(400, 'Invalid', { errors: { password: ['Too common.'] } })
          : HttpResponse.json({ message: '', user: accountOf(carol) });
      }),
    );
    const { user } = await open();

    await user.click(screen.getByRole('button', { name: 'Reset password' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Reset carol’s password' }));
    expect(await violations()).toEqual([]);
    await user.type(dialog.getByLabelText('New password'), '12345678');
    await user.click(dialog.getByRole('button', { name: 'Reset password' }));
    await waitFor(() => expect(dialog.getByLabelText('New password')).toHaveAccessibleDescription(/^Too common\./));
    await user.type(dialog.getByLabelText('New password'), '-sunny');
    expect(dialog.getByLabelText('New password')).toHaveAttribute('type', 'password');
    await user.click(dialog.getByRole('button', { name: 'Show the password' }));
    expect(dialog.getByLabelText('New password')).toHaveAttribute('type', 'text');
    await user.click(dialog.getByRole('button', { name: 'Reset password' }));

    expect(await screen.findByText('carol has a new password.')).toBeVisible();
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(sent).toEqual([{ password: '12345678' }, { password: '12345678-sunny' }]);
  });

  /** Remembers what is asked of an account's lock, as the server does. */
  function lockable() {
    const sent: unknown[] = [];
    let locked_until: string | null = null;
    server.use(
      http.get(accounts, () => HttpResponse.json(accountOf(carol, { locked_until }))),
      http.put(`${accounts}/lock`, async ({ request }) => {
        const body = (await request.json()) as { until?: string };
        sent.push(body);
        locked_until = body.until ?? '9999-12-31T00:00:00Z';
        return HttpResponse.json(accountOf(carol, { locked_until }));
      }),
      http.delete(`${accounts}/lock`, () => {
        locked_until = null;
        return HttpResponse.json(accountOf(carol));
      }),
    );
    return sent;
  }

  it('locks somebody out after asking, and lets them in again', async () => {
    const sent = lockable();
    const { user } = await open();
    const access = within(screen.getByRole('region', { name: 'Access' }));

    await user.click(access.getByRole('button', { name: 'Lock' }));
    const dialog = await screen.findByRole('dialog', { name: 'Lock carol?' });
    expect(dialog).toHaveAccessibleDescription(/signed out everywhere/);
    expect(await violations()).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Lock' }));
    expect(await screen.findByText('carol is locked out.')).toBeVisible();
    expect(access.getByText('Locked')).toBeVisible();
    await user.click(access.getByRole('button', { name: 'Unlock' }));

    expect(await screen.findByText('carol can sign in again.')).toBeVisible();
    expect(access.getByText('Active')).toBeVisible();
    expect(sent).toEqual([{}]);
  });

  it('locks somebody out until a time to come, by the viewer’s clock', async () => {
    const sent = lockable();
    const { user } = await open();
    await user.click(screen.getByRole('button', { name: 'Lock' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Lock carol?' }));
    await user.click(dialog.getByRole('button', { name: 'Until a time' }));
    const until = dialog.getByLabelText('Locked until');
    expect(await violations()).toEqual([]);

    // Nothing, which is also what a time that is entered in part gives.
    await user.click(dialog.getByRole('button', { name: 'Lock' }));
    await waitFor(() => expect(until).toHaveAccessibleDescription(/^Choose a time in the future\./));
    fireEvent.change(until, { target: { value: '2026-11-20T03:29' } });
    await user.click(dialog.getByRole('button', { name: 'Lock' }));
    expect(until).toBeInvalid();
    expect(sent).toEqual([]);
    fireEvent.change(until, { target: { value: '2026-11-27T08:00' } });
    await user.click(dialog.getByRole('button', { name: 'Lock' }));

    expect(await screen.findByText(/^carol is locked out until Nov 27, 2026, 8:00\sAM\.$/)).toBeVisible();
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(screen.getByText(/^Locked until Nov 27/)).toBeVisible();
    expect(sent).toEqual([{ until: '2026-11-27T13:00:00.000Z' }]);
  });

  it('says at the dialog why somebody can’t be locked out', async () => {
    const refused = [
      problem(400, 'Invalid', { errors: { until: ['The time must be in the future.'] } }),
      problem(409, 'Conflict', { detail: 'Somebody has to remain administrator.' }),
    ];
    server.use(http.put(`${accounts}/lock`, () => refused.shift()));
    const { user } = await open();
    await user.click(screen.getByRole('button', { name: 'Lock' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Lock carol?' }));
    await user.click(dialog.getByRole('button', { name: 'Until a time' }));
    fireEvent.change(dialog.getByLabelText('Locked until'), { target: { value: '2026-11-20T03:31' } });
    await user.click(dialog.getByRole('button', { name: 'Lock' }));
    await waitFor(() =>
      expect(dialog.getByLabelText('Locked until')).toHaveAccessibleDescription(/^The time must be in the future\./),
    );
    await user.click(dialog.getByRole('button', { name: 'Until it is unlocked' }));
    await user.click(dialog.getByRole('button', { name: 'Lock' }));

    expect(await dialog.findByRole('alert')).toHaveTextContent('Somebody has to remain administrator.');
  });

  it('names what a deletion takes along, shows its steps and how it failed, and tries again', async () => {
    const answer = held();
    let tries = 0;
    server.use(
      http.get('/api/mappings', ({ request }) =>
        HttpResponse.json(
          new URL(request.url).searchParams.has('user_id') ? [mappingOf(carol, heatPump), mappingOf(carol, office)] : [],
        ),
      ),
      http.get('/api/users', () => paged([dora])),
      http.get('/api/auth/sagas', ({ request }) => {
        expect(new URL(request.url).searchParams.get('subject')).toBe(carol.id);
        return HttpResponse.json([sagaOf('compensating', [{ name: 'sign_in', state: 'done' }], { type: 'deletion' })]);
      }),
      http.delete(accounts, async () => {
        if (++tries > 1) return new HttpResponse(null, { status: 204 });
        await answer.until;
        return problem(503, 'Service Unavailable', {
          detail: 'Devices gave no answer; carol is as before.',
          saga_id: 'the-saga',
        });
      }),
    );
    const { user, path } = await open();

    await user.click(screen.getByRole('button', { name: 'Delete carol' }));
    const dialog = await screen.findByRole('alertdialog', { name: 'Delete carol?' });
    expect(
      within(dialog)
        .getAllByRole('listitem')
        .map(({ textContent }) => textContent),
    ).toEqual([
      'the account: sign-in stops at once, everywhere',
      'the profile with name, e-mail and phone',
      'the assignment of 2 devices',
    ]);
    expect(await violations()).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Delete' }));
    expect(await within(dialog).findByText('Everything is being undone')).toBeVisible();
    expect(within(dialog).getByText('being undone')).toBeVisible();
    answer.letGo();

    expect(await within(dialog).findByRole('alert')).toHaveTextContent('Devices gave no answer; carol is as before.');
    expect(within(dialog).getByRole('link', { name: 'See what was undone' })).toHaveAttribute('href', '/system/sagas/the-saga');
    await user.click(within(dialog).getByRole('button', { name: 'Delete' }));

    expect(await screen.findByText('carol is deleted.')).toBeVisible();
    await waitFor(() => expect(path()).toBe('/users'));
  });

  it('does not offer administrators to lock or delete themselves', async () => {
    server.use(
      http.get(accounts, () => HttpResponse.json({ ...accountOf(dora), ...admin })),
      http.get('/api/users/:id', () => HttpResponse.json({ ...dora, ...admin })),
    );
    renderApp(`/users/${admin.id}`);

    expect(await screen.findByRole('button', { name: 'Delete admin' })).toBeDisabled();
    expect(screen.queryByRole('button', { name: 'Lock' })).not.toBeInTheDocument();
  });

  it('says that there is no such user', async () => {
    renderApp('/users/c0000000-0000-7000-8000-000000000009');

    expect(await screen.findByRole('heading', { name: 'There is no such user' })).toBeVisible();
  });
});
