import { act, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { routes } from '@/app/router';
import { reloadPage } from '@/lib/loading';
import { renderApp } from '@/testing/renderApp';
import { server } from '@/testing/server';

vi.mock('@/lib/loading', async (original) => ({ ...(await original<object>()), reloadPage: vi.fn() }));

const failed = new TypeError('Failed to fetch dynamically imported module: /assets/AlertsPage-1234.js');
const there = http.get('/', () => new HttpResponse('<!doctype html>'));
const away = http.get('/', () => HttpResponse.error());

/** The route of a path, wherever it stands in the tree. */
function routeOf(path: string, among = routes): (typeof routes)[number] {
  for (const route of among) {
    if (route.path === path) return route;
    const found = route.children && routeOf(path, route.children);
    if (found?.path === path) return found;
  }
  return {};
}

beforeEach(() => {
  vi.mocked(reloadPage).mockClear();
  sessionStorage.clear();
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

const alerts = routeOf('/alerts') as { lazy: unknown };
const lazy = alerts.lazy;
afterEach(() => void (alerts.lazy = lazy));

it('keeps the navigation when a page’s code doesn’t come, and goes on when the connection is back', async () => {
  alerts.lazy = () => Promise.reject(failed);
  server.use(away);
  const { user } = renderApp('/');
  await screen.findByRole('heading', { name: 'Overview' });

  await user.click(
    within(screen.getAllByRole('navigation', { name: 'Main' })[0] ?? document.body).getByRole('link', { name: 'Alerts' }),
  );

  expect(await screen.findByRole('alert')).toHaveTextContent('This page could not be loaded');
  expect(screen.getAllByRole('navigation', { name: 'Main' }).length).toBeGreaterThan(0);
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText(/still can’t be reached/)).toBeVisible();
  expect(reloadPage).not.toHaveBeenCalled();

  server.use(there);
  act(() => void window.dispatchEvent(new Event('online')));
  await waitFor(() => expect(reloadPage).toHaveBeenCalledOnce());
});

it('doesn’t load the page again and again when its code stays away, but when it is asked to', async () => {
  alerts.lazy = () => Promise.reject(failed);
  sessionStorage.setItem('energyaspire.reloaded', String(Date.now()));
  const asked = vi.fn();
  server.use(http.get('/', () => (asked(), new HttpResponse('<!doctype html>'))));
  const { user } = renderApp('/alerts');
  await screen.findByRole('alert');

  act(() => void window.dispatchEvent(new Event('online')));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(asked).not.toHaveBeenCalled();

  await user.click(screen.getByRole('button', { name: 'Try again' }));
  await waitFor(() => expect(reloadPage).toHaveBeenCalledOnce());
});

it('says of a page that broke that it broke', async () => {
  alerts.lazy = () => Promise.resolve({ Component: () => Boolean(JSON.parse('nothing')) && null });
  renderApp('/alerts');

  expect(await screen.findByRole('alert')).toHaveTextContent('This page broke');
  expect(screen.getAllByRole('navigation', { name: 'Main' }).length).toBeGreaterThan(0);
});
