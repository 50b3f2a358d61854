import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readPeriod } from '@/features/consumption/lib/periodModel';
import { violations } from '@/testing/axe';
import { admin, dayOf, full, heatPump, nothing, office } from '@/testing/data';
import { renderApp } from '@/testing/renderApp';
import { problem, server } from '@/testing/server';
import { projectHour } from './lib/project';
import { formatLength, isSilent } from './lib/seen';

/** Half past ten in Bucharest, two in the afternoon in Kolkata. */
const now = new Date('2026-11-20T08:30:00Z');
const range = '/api/monitoring/hourly/range';

describe('the overview', () => {
  beforeEach(() => void vi.useFakeTimers({ now, toFake: ['Date'] }));

  const both = [heatPump, office];
  const answers = http.get(range, ({ request }) => {
    const query = new URL(request.url).searchParams;
    const date = query.get('start_date') ?? '';
    const days = query.getAll('device_id').map((id) => {
      const device = both.find((one) => one.id === id) ?? heatPump;
      const until = device === heatPump ? 10 : 14;
      return dayOf(device, date, (hour) =>
        date === '2026-11-20' ? (hour < until ? full(2) : nothing) : date === '2026-11-19' ? full(1) : nothing,
      );
    });
    return HttpResponse.json(days.length === 1 ? days[0] : days);
  });

  it('tells today of all devices beside yesterday at the same time, in three calls', async () => {
    const asked: string[] = [];
    server.use(
      http.get(range, ({ request }) => void asked.push(new URL(request.url).search)),
      answers,
      http.get('/api/monitoring/measurements', ({ request }) =>
        HttpResponse.json(
          new URL(request.url).searchParams.get('device_id') === heatPump.id
            ? [{ device_id: heatPump.id, timestamp: '2026-11-20T10:20:00+02:00', measurement_value: 0.25 }]
            : [],
        ),
      ),
    );
    const { user } = renderApp('/');

    expect(await screen.findByRole('heading', { name: 'Today so far' })).toBeVisible();
    expect(await screen.findByText('48', { exact: false, selector: 'p' })).toHaveTextContent('48kWh');
    const tiles = within(screen.getByRole('region', { name: 'Today so far' }));
    await waitFor(() =>
      expect(tiles.getByText('Against yesterday').nextSibling).toHaveTextContent(/^\+100%48\skWh to 24\skWh at the same time$/),
    );
    expect(tiles.getByText('Against a week ago').nextSibling).toHaveTextContent('Nothing to compare');
    await waitFor(() => expect(tiles.getByText('Power now').nextSibling).toHaveTextContent(/^1\.5\skWof 1 device$/));
    expect(asked).toHaveLength(3);

    await user.click(screen.getByText('Hour by hour'));
    const hours = within(screen.getByRole('table', { name: 'Today’s energy by hour and device' })).getAllByRole('row');
    expect(hours.map(({ textContent }) => textContent.replace(/\s/g, ' '))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Hour(Heat pumpOffice|OfficeHeat pump)$/),
        expect.stringMatching(/2 kWh.*2 kWh/),
      ]),
    );

    const cards = within(screen.getByRole('region', { name: 'Devices' }));
    const [pump, other] = cards.getAllByRole('listitem');
    expect(pump).toHaveTextContent(/Heat pumpSeen 10 minutes ago/);
    expect(other).toHaveTextContent('No reading yet');
    expect(cards.getByRole('link', { name: 'Heat pump' })).toHaveAttribute('href', `/consumption/${heatPump.id}`);
    expect(await violations()).toEqual([]);
  });

  it('leaves a device alone in the chart when its name is pressed', async () => {
    server.use(answers);
    const { user } = renderApp('/');
    const chip = await screen.findByRole('button', { name: /^Office/ });

    await user.click(chip);
    expect(chip).toHaveAttribute('aria-pressed', 'true');
    await user.click(chip);
    expect(chip).toHaveAttribute('aria-pressed', 'false');
  });

  it('says what to do when there are no devices', async () => {
    server.use(http.get('/api/monitoring/devices', () => HttpResponse.json([])));
    renderApp('/');

    expect(await screen.findByRole('heading', { name: 'No devices yet' })).toBeVisible();
    expect(screen.getByText(/assign your meters to you/)).toBeVisible();
  });

  it('says why it can’t be shown, and tries again when asked', async () => {
    let broken = true;
    server.use(
      http.get(range, () => (broken ? problem(500, 'Something broke') : undefined)),
      answers,
    );
    const { user } = renderApp('/');

    expect(await screen.findByRole('alert')).toHaveTextContent('Something broke');
    broken = false;
    await user.click(screen.getByRole('button', { name: 'Try again' }));

    expect(await screen.findByRole('heading', { name: 'Today so far' })).toBeVisible();
  });

  it('counts all of a household’s devices, also when they are many', async () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ ...heatPump, id: `meter-${index}`, name: `Meter ${index}` }));
    server.use(
      http.get('/api/monitoring/devices', () => HttpResponse.json(many)),
      http.get(range, ({ request }) => {
        const query = new URL(request.url).searchParams;
        const day = dayOf(heatPump, query.get('start_date') ?? '', (hour) => (hour < 10 ? full(2) : nothing));
        return HttpResponse.json(query.getAll('device_id').map((device_id) => ({ ...day, device_id })));
      }),
    );
    renderApp('/');

    expect(await screen.findByText('600', { exact: false, selector: 'p' })).toHaveTextContent('600kWh');
    expect(screen.getByRole('heading', { name: 'Today so far' })).toBeVisible();
    expect(within(screen.getByRole('region', { name: 'Devices' })).getAllByRole('listitem')).toHaveLength(30);
    expect(screen.queryByText(/the first/)).not.toBeInTheDocument();
  });

  it('shows an administrator the first devices, and has the server search for others', async () => {
    const searched: (string | null)[] = [];
    server.use(
      answers,
      http.get('/session', () => HttpResponse.json({ user: admin })),
      http.get('/api/devices', ({ request }) => {
        const query = new URL(request.url).searchParams;
        searched.push(query.get('search'));
        expect(query.get('limit')).toBe('12');
        return HttpResponse.json(query.has('search') ? [office] : [heatPump], {
          headers: query.has('search') ? {} : { Link: '</api/devices?after=x>; rel="next"' },
        });
      }),
    );
    const { user, path } = renderApp('/');

    expect(await screen.findByText(/These are the first 1\./)).toBeVisible();
    await user.type(screen.getByRole('searchbox', { name: 'Search devices' }), 'off');

    expect(await screen.findByRole('link', { name: 'Office' })).toBeVisible();
    expect(path()).toBe('/?search=off');
    expect(searched).toEqual([null, 'off']);
  });
});

describe('the running hour', () => {
  const hour = (energy: number, readings: number) =>
    readPeriod(
      dayOf(heatPump, '2026-11-20', (index) => (index === 10 ? { energy, readings } : nothing)),
      2,
      now,
    ).bars[10];

  it('goes on as it has been', () => {
    expect(projectHour(hour(0.6, 3), 600, 2, now)).toEqual({ energy: 0.6, projected: 1.2, share: 0.6, level: 'calm' });
  });

  it('is near its limit from four fifths, and over it beyond', () => {
    expect(projectHour(hour(0.8, 3), 600, 2, now)?.level).toBe('near');
    expect(projectHour(hour(1.2, 3), 600, 2, now)?.level).toBe('over');
    expect(projectHour(hour(1.2, 3), 600, 0, now)).toMatchObject({ share: null, level: 'calm' });
  });

  it('does not count on readings that are lost', () => {
    expect(projectHour(hour(0.2, 1), 600, 2, now)?.projected).toBeCloseTo(0.8);
  });

  it('is not guessed at from too little', () => {
    expect(projectHour(hour(0.1, 1), 60, 2, now)).toBeNull();
    expect(projectHour(undefined, 60, 2, now)).toBeNull();
  });
});

describe('a meter', () => {
  const latest = (timestamp: string) => ({ device_id: '1', timestamp, measurement_value: 1 });

  it('is silent after three readings that did not come', () => {
    expect(isSilent(latest('2026-11-20T07:50:00Z'), 600, now)).toBe(false);
    expect(isSilent(latest('2026-11-20T07:49:00Z'), 600, now)).toBe(true);
    expect(isSilent(null, 600, now)).toBe(false);
  });

  it('is so for so long', () => {
    expect(formatLength(new Date('2026-11-20T08:29:40Z'), now)).toBe('20 seconds');
    expect(formatLength(new Date('2026-11-20T05:29:40Z'), now)).toBe('3 hours');
    expect(formatLength(new Date('2026-11-17T05:29:40Z'), now)).toBe('3 days');
    // A simulated clock may run ahead of the real one.
    expect(formatLength(new Date('2026-11-20T09:00:00Z'), now)).toBe('0 seconds');
  });
});
