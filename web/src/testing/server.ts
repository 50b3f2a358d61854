import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { admin, alice, datesBetween, daysOf, forecastOf, full, fullDay, heatPump, hoursOf, office } from './data';

/** An installation where alice is signed in and all is well. Tests replace what they are about. */
export const server = setupServer(
  http.get('/session', () => HttpResponse.json({ user: alice, version: '1.2.3' })),
  http.delete('/session', () => new HttpResponse(null, { status: 204 })),
  http.get('/api/monitoring/devices', () => HttpResponse.json([office, heatPump])),
  http.get('/api/devices', ({ request }) =>
    new URL(request.url).searchParams.has('feed_in_of') ? HttpResponse.json([]) : undefined,
  ),
  http.get('/api/monitoring/alerts', () => HttpResponse.json([])),
  http.get('/api/monitoring/budgets', () => HttpResponse.json([])),
  http.get('/api/monitoring/forecast', ({ request }) => {
    const id = new URL(request.url).searchParams.get('device_id');
    return HttpResponse.json(forecastOf([office, heatPump].find((device) => device.id === id) ?? heatPump));
  }),
  http.get('/api/monitoring/measurements', () => HttpResponse.json([])),
  http.get('/api/monitoring/hourly/range', ({ request }) => {
    const query = new URL(request.url).searchParams;
    const asked = query.getAll('device_id').map((id) => [office, heatPump].find((device) => device.id === id));
    const dates = datesBetween(query.get('start_date') ?? '', query.get('end_date') ?? '');
    const known = asked.filter((device) => device !== undefined);

    if (known.length < asked.length) return problem(404, 'Not found');
    const answers = known.map((device) =>
      query.get('granularity') === 'hour' ? hoursOf(device, dates, () => full(1)) : daysOf(device, dates, () => fullDay(24)),
    );
    return HttpResponse.json(answers.length === 1 ? answers[0] : answers);
  }),
);

/** An administrator is signed in. */
export const asAdmin = http.get('/session', () => HttpResponse.json({ user: admin }));

/** A page of a list; `next` is where the next one is. */
export const paged = (rows: object[], next?: string) =>
  HttpResponse.json(rows, next === undefined ? {} : { headers: { Link: `<${next}>; rel="next"` } });

/** Holds an answer back until it is let go. */
export function held() {
  const gate = new EventTarget();
  const until = new Promise((resolve) => gate.addEventListener('open', resolve));
  return { until, letGo: () => gate.dispatchEvent(new Event('open')) };
}

export const problem = (
  status: number,
  title: string,
  more: { detail?: string; errors?: Record<string, string[]>; saga_id?: string } = {},
  headers = {},
) =>
  HttpResponse.json({ title, status, ...more }, { status, headers: { 'Content-Type': 'application/problem+json', ...headers } });
