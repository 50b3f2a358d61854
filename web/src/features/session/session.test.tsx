import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { currencyOf, setCurrency } from '@/lib/currency';
import { alice, heatPump } from '@/testing/data';
import { renderApp } from '@/testing/renderApp';
import { problem, server } from '@/testing/server';

const page = `/consumption/${heatPump.id}?date=2026-11-20`;

afterEach(() => setCurrency(undefined));

describe('the currency', () => {
  it('is the one of the session', async () => {
    server.use(http.get('/session', () => HttpResponse.json({ user: alice, version: '1.2.3', currency: 'EUR' })));

    renderApp(page);

    expect((await screen.findByText('Cost', { selector: 'dt' })).nextSibling).toHaveTextContent(/^€12\.00at €0\.50 per kWh$/);
  });

  it('is none where the session tells none', async () => {
    setCurrency('EUR');

    renderApp(page);

    expect((await screen.findByText('Cost', { selector: 'dt' })).nextSibling).toHaveTextContent(/^12\.00at 0\.50 per kWh$/);
    expect(currencyOf()).toBeUndefined();
  });
});

describe('signing in', () => {
  beforeEach(() => server.use(http.get('/session', () => HttpResponse.json({ user: null }))));

  async function signIn(address = '/sign-in', password = 'alice123') {
    const app = renderApp(address);
    await app.user.type(await screen.findByLabelText('Username'), 'alice');
    await app.user.type(screen.getByLabelText('Password'), password);
    await app.user.click(screen.getByRole('button', { name: 'Sign in' }));
    return app;
  }

  it('opens a session with the header that foreign pages can’t send, and shows the devices', async () => {
    let sent: unknown;
    server.use(
      http.post('/session', async ({ request }) => {
        sent = { csrf: request.headers.get('X-CSRF'), body: await request.json() };
        return HttpResponse.json({ user: alice, version: '1.2.3' });
      }),
    );

    await signIn();

    expect(await screen.findByRole('heading', { name: 'Heat pump' })).toBeVisible();
    expect(sent).toEqual({ csrf: '1', body: { username: 'alice', password: 'alice123' } });
    expect(screen.getByRole('contentinfo')).toHaveTextContent('EnergyAspire 1.2.3');
  });

  it('shows money in the currency that the new session tells', async () => {
    server.use(http.post('/session', () => HttpResponse.json({ user: alice, version: '1.2.3', currency: 'CHF' })));

    await signIn(page);

    expect((await screen.findByText('Cost', { selector: 'dt' })).nextSibling).toHaveTextContent(/^CHF\s12\.00/);
  });

  it('leads back to the page that was asked for', async () => {
    server.use(http.post('/session', () => HttpResponse.json({ user: alice })));

    const { path } = await signIn(page);

    await screen.findByRole('heading', { name: 'Heat pump' });
    expect(path()).toBe(page);
  });

  it('says which entry is missing without asking the server', async () => {
    const { user } = renderApp('/sign-in');

    await user.click(await screen.findByRole('button', { name: 'Sign in' }));

    expect(await screen.findByText('Enter your username.')).toBeVisible();
    expect(screen.getByLabelText('Password')).toHaveAccessibleDescription('Enter your password.');
  });

  it('says that the credentials are wrong, and offers the password again', async () => {
    server.use(http.post('/session', () => problem(401, 'Unauthorized')));

    await signIn('/sign-in', 'wrong');

    expect(await screen.findByRole('alert')).toHaveTextContent('don’t go together');
    expect(screen.getByLabelText('Password')).toHaveValue('');
    expect(screen.getByLabelText('Password')).toHaveFocus();
    expect(screen.getByLabelText('Username')).toHaveValue('alice');
  });

  it.each([
    ['Too many attempts. Try again in 5 minutes.', problem(429, 'Too many requests.', {}, { 'Retry-After': '290' })],
    [
      'Too many failed sign-ins. Try again in 5 minutes.',
      problem(429, 'Locked out', { detail: 'Too many failed sign-ins.' }, { 'Retry-After': '290' }),
    ],
    [
      /^An administrator did\. Try again after \w+ \d+, \d{4}, .*M\.$/,
      problem(429, 'Locked out', { detail: 'An administrator did.' }, { 'Retry-After': '86400' }),
    ],
    ['An administrator did.', problem(429, 'Locked out', { detail: 'An administrator did.' })],
  ])('says why and how long nobody gets in: %s', async (words, answer) => {
    server.use(http.post('/session', () => answer));

    await signIn();

    const alert = (await screen.findByRole('alert')).textContent;
    if (typeof words === 'string') expect(alert).toBe(words);
    else expect(alert).toMatch(words);
  });

  it.each([
    ['gives no answer', () => HttpResponse.error()],
    ['is away behind the gateway', () => new HttpResponse('<html>', { status: 503 })],
  ])('says so when the server %s', async (_, respond) => {
    server.use(http.post('/session', respond));

    await signIn();

    expect(await screen.findByRole('alert')).toHaveTextContent('can’t be reached');
  });

  it('shows any other refusal in the server’s words', async () => {
    server.use(http.post('/session', () => problem(400, 'Invalid', { errors: { username: ['Usernames have no blanks.'] } })));

    await signIn();

    expect(await screen.findByRole('alert')).toHaveTextContent('Usernames have no blanks.');
  });
});

describe('a session', () => {
  it('that has ended leads to sign-in with a notice, and back to the same page', async () => {
    server.use(
      http.get('/api/monitoring/hourly/range', () => problem(401, 'Unauthorized'), { once: true }),
      http.post('/session', () => HttpResponse.json({ user: alice })),
    );
    const { user, path } = renderApp(page);

    expect(await screen.findByText(/Your session has ended/)).toBeVisible();
    expect(path()).toBe(`/sign-in?to=${encodeURIComponent(page)}`);

    await user.type(screen.getByLabelText('Username'), 'alice');
    await user.type(screen.getByLabelText('Password'), 'alice123{Enter}');

    expect(await screen.findByRole('heading', { name: 'Heat pump' })).toBeVisible();
    expect(path()).toBe(page);
  });

  it('is closed by signing out, and nothing loaded stays', async () => {
    const { user, path, client } = renderApp(page);

    await user.click(await screen.findByRole('button', { name: /Account of alice/ }));
    await user.click(await screen.findByRole('menuitem', { name: 'Sign out' }));

    expect(await screen.findByText('You are signed out.')).toBeVisible();
    expect(path()).toBe('/sign-in');
    await waitFor(() =>
      expect(
        client
          .getQueryCache()
          .getAll()
          .map(({ queryKey }) => queryKey[0]),
      ).toEqual(['session']),
    );
  });

  it('stays when the server could not be told, and says so', async () => {
    server.use(http.delete('/session', () => HttpResponse.error()));
    const { user } = renderApp(page);

    await user.click(await screen.findByRole('button', { name: /Account of alice/ }));
    await user.click(await screen.findByRole('menuitem', { name: 'Sign out' }));

    expect(await screen.findByText(/You are still signed in/)).toBeVisible();
  });

  it('can’t be told while the gateway is away, and the page heals by itself', async () => {
    server.use(
      http.get('/session', () => problem(502, 'Bad Gateway'), { once: true }),
      http.get('/session', () => problem(502, 'Bad Gateway'), { once: true }),
    );
    const { user } = renderApp(page);

    expect(await screen.findByRole('heading', { name: 'The server can’t be reached' }, { timeout: 3000 })).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Try again' }));

    expect(await screen.findByRole('heading', { name: 'Heat pump' })).toBeVisible();
  });
});
