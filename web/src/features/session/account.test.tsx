import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';
import { alice } from '@/testing/data';
import { violations } from '@/testing/axe';
import { renderApp } from '@/testing/renderApp';
import { problem, server } from '@/testing/server';

const profile = {
  ...alice,
  fname: 'Alice',
  lname: 'Berg',
  email: 'alice@example.com',
  phone: null,
  created_at: '',
  updated_at: '',
};

beforeEach(() => server.use(http.get(`/api/users/${alice.id}`, () => HttpResponse.json(profile))));

describe('registering', () => {
  beforeEach(() => server.use(http.get('/session', () => HttpResponse.json({ user: null }))));

  async function register(password = 'sunny-roof-7', repeated = password) {
    const app = renderApp('/register?to=%2Faccount');
    await app.user.type(await screen.findByLabelText('Username'), 'carol');
    await app.user.type(screen.getByLabelText('Password'), password);
    await app.user.type(screen.getByLabelText('Repeat the password'), repeated);
    await app.user.type(screen.getByLabelText('First name'), 'Carol');
    await app.user.click(screen.getByRole('button', { name: 'Create account' }));
    return app;
  }

  it('makes the account, opens a session and goes on to the page that was asked for', async () => {
    let sent: unknown;
    server.use(
      http.post('/session/register', async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ user: { ...alice, username: 'carol' } }, { status: 201 });
      }),
    );

    const { path } = await register();

    expect(await screen.findByRole('heading', { name: 'Your account' })).toBeVisible();
    expect(path()).toBe('/account');
    expect(sent).toEqual({ username: 'carol', password: 'sunny-roof-7', fname: 'Carol', lname: null, email: null, phone: null });
  });

  it('says at the entries what the server has against them', async () => {
    server.use(
      http.post('/session/register', () => problem(409, 'Conflict', { errors: { username: ['This username is taken.'] } })),
    );

    await register();

    await waitFor(() => expect(screen.getByLabelText('Username')).toHaveAccessibleDescription('This username is taken.'));
    expect(screen.getByLabelText('Username')).toHaveFocus();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('says what is wrong before it asks the server', async () => {
    await register('short', 'shorter');

    await waitFor(() => expect(screen.getByLabelText('Password')).toHaveAccessibleDescription(/^At least 8 characters/));
    expect(screen.getByLabelText('Repeat the password')).toBeInvalid();
    expect(await violations()).toEqual([]);
  });

  it('says that nothing was made when a service stayed away, and keeps the entries', async () => {
    server.use(
      http.post('/session/register', () =>
        problem(503, 'Service Unavailable', { detail: 'Everything was undone.', saga_id: 'the-saga' }),
      ),
    );

    await register();

    expect(await screen.findByRole('alert')).toHaveTextContent('no account was made');
    expect(screen.getByLabelText('Username')).toHaveValue('carol');
  });

  it('claims nothing when the answer was lost', async () => {
    server.use(http.post('/session/register', () => HttpResponse.error()));

    await register();

    expect(await screen.findByRole('alert')).toHaveTextContent('or its answer was lost');
    expect(screen.getByRole('alert')).not.toHaveTextContent('no account was made');
  });
});

describe('the account page', () => {
  async function changePassword() {
    const app = renderApp('/account');
    await app.user.type(await screen.findByLabelText('Current password'), 'alice123');
    await app.user.type(screen.getByLabelText('New password'), 'sunny-roof-7');
    await app.user.type(screen.getByLabelText('Repeat the new password'), 'sunny-roof-7');
    await app.user.click(screen.getByRole('button', { name: 'Change password' }));
    return app;
  }

  it('changes the password, and stays signed in by a new session', async () => {
    const sent: unknown[] = [];
    server.use(
      http.put('/api/auth/me/password', async ({ request }) => {
        sent.push(await request.json());
        return new HttpResponse(null, { status: 204 });
      }),
      http.post('/session', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({ user: alice });
      }),
    );

    const { path } = await changePassword();

    expect(await screen.findByText(/Your password is changed/, { selector: 'div' })).toBeVisible();
    expect(sent).toEqual([
      { current_password: 'alice123', new_password: 'sunny-roof-7' },
      { username: 'alice', password: 'sunny-roof-7' },
    ]);
    expect(path()).toBe('/account');
    // What was open is still served.
    expect(screen.getByLabelText('First name')).toHaveValue('Alice');
  });

  it('says that the current password is wrong, at its entry', async () => {
    server.use(
      http.put('/api/auth/me/password', () =>
        problem(400, 'Invalid', { errors: { current_password: ['The current password is wrong.'] } }),
      ),
    );

    await changePassword();

    await waitFor(() =>
      expect(screen.getByLabelText('Current password')).toHaveAccessibleDescription('The current password is wrong.'),
    );
  });

  it('says how long too many wrong ones lock', async () => {
    server.use(http.put('/api/auth/me/password', () => problem(429, 'Locked out', {}, { 'Retry-After': '290' })));

    await changePassword();

    expect(await screen.findByRole('alert')).toHaveTextContent('Try again in 5 minutes.');
  });

  it('saves the details, and asks before unsaved ones are left', async () => {
    let saved: unknown;
    server.use(
      http.put(`/api/users/${alice.id}`, async ({ request }) => {
        saved = await request.json();
        return HttpResponse.json({ ...profile, fname: 'Alicia' });
      }),
    );
    const { user, path } = renderApp('/account');
    const name = await screen.findByLabelText('First name');
    await user.clear(name);
    await user.type(name, 'Alicia');

    await user.click(screen.getByRole('link', { name: /to the start/ }));
    await user.click(await screen.findByRole('button', { name: 'Stay' }));
    expect(path()).toBe('/account');
    await user.click(screen.getByRole('button', { name: /Account of alice/ }));
    await user.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
    await user.click(
      within(await screen.findByRole('alertdialog', { name: 'Sign out without saving?' })).getByRole('button', { name: 'Stay' }),
    );
    await user.click(screen.getByRole('button', { name: 'Save' }));

    expect(await screen.findByText('Your details are saved.', { selector: 'div' })).toBeVisible();
    // What somebody else changes at the same time stays.
    expect(saved).toEqual({ fname: 'Alicia' });
    expect(screen.getByRole('button', { name: 'Save' })).toHaveAttribute('aria-disabled', 'true');
    expect(await violations()).toEqual([]);
  });
});
