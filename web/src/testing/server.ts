import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { alice, dayOf, full, heatPump, office } from './data';

/** An installation where alice is signed in and all is well. Tests replace what they are about. */
export const server = setupServer(
  http.get('/session', () => HttpResponse.json({ user: alice })),
  http.delete('/session', () => new HttpResponse(null, { status: 204 })),
  http.get('/api/monitoring/devices', () => HttpResponse.json([office, heatPump])),
  http.get('/api/monitoring/hourly/daily', ({ request }) => {
    const query = new URL(request.url).searchParams;
    const device = [office, heatPump].find(({ id }) => id === query.get('device_id'));

    return device ? HttpResponse.json(dayOf(device, query.get('date') ?? '', () => full(1))) : problem(404, 'Not found');
  }),
);

export const problem = (
  status: number,
  title: string,
  more: { detail?: string; errors?: Record<string, string[]> } = {},
  headers = {},
) =>
  HttpResponse.json({ title, status, ...more }, { status, headers: { 'Content-Type': 'application/problem+json', ...headers } });
