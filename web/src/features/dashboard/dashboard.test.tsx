import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readPeriod } from '@/features/consumption/lib/periodModel';
import { violations } from '@/testing/axe';
import type { Device } from '@/features/devices/api/devices';
import { admin, dayOf, full, heatPump, nothing, office } from '@/testing/data';
import { renderApp } from '@/testing/renderApp';
import { problem, server } from '@/testing/server';
import { projectHour } from './lib/project';
import { formatLength, isSilent } from './lib/seen';

/** Half past ten in Bucharest, two in the afternoon in Kolkata. */
const now = new Date('2026-11-20T08:30:00Z');
const range = '/api/monitoring/hourly/range';

/** A browser that tells what is in sight. */
function seeOnly(isSeen: (id: string) => boolean) {
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      private readonly tell;
      constructor(tell: (entries: object[]) => void) {
        this.tell = tell;
      }
      observe = (target: HTMLElement) =>
        void Promise.resolve().then(() =>
          this.tell([{ target, isIntersecting: isSeen(target.dataset.id ?? ''), boundingClientRect: { height: 200 } }]),
        );
      unobserve = () => undefined;
      disconnect = () => undefined;
    },
  );
  return { end: () => vi.stubGlobal('IntersectionObserver', undefined) };
}

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

  it('leaves out devices that are no longer the caller’s', async () => {
    server.use(
      http.get('/api/monitoring/devices', () =>
        HttpResponse.json([{ ...office, periods: [{ from: null, until: '2026-11-10T12:00:00Z' }] }, heatPump]),
      ),
    );
    renderApp('/');

    expect(await screen.findByRole('link', { name: /Heat pump/ })).toBeVisible();
    expect(screen.queryByText('Office')).not.toBeInTheDocument();
  });

  it('tells today of a clock’s devices beside yesterday at the same time, and of those of another clock apart', async () => {
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
    const { user, path } = renderApp('/');

    const heading = await screen.findByRole('heading', { name: 'Today so far in Europe/Bucharest (UTC+2)' });
    expect(heading).toBeVisible();
    expect(await screen.findByText('20', { exact: false, selector: 'p' })).toHaveTextContent('20kWh');
    const tiles = within(screen.getByRole('region', { name: /^Today so far/ }));
    await waitFor(() =>
      expect(tiles.getByText('Against yesterday').nextSibling).toHaveTextContent(
        /^\+100%20\skWh now, 10\skWh then, by the same hour$/,
      ),
    );
    expect(tiles.getByText('Against a week ago').nextSibling).toHaveTextContent('Nothing to compare');
    await waitFor(() =>
      expect(tiles.getByText('Power now').nextSibling).toHaveTextContent(/^1\.5\skWof 1 of 2 devices in all zones$/),
    );
    expect(asked).toHaveLength(3);

    await user.click(screen.getByText('Hour by hour'));
    const hours = () =>
      within(screen.getByRole('table', { name: 'Today’s energy by hour and device' }))
        .getAllByRole('row')
        .map(({ textContent }) => textContent.replace(/\s/g, ' '));
    expect(hours()[0]).toBe('HourHeat pump');
    expect(hours()[1]).toMatch(/^12:00 AM–1:00 AM2 kWh$/);

    await user.click(tiles.getByRole('button', { name: /^Asia\/Kolkata \(UTC\+5:30\)\s*28\skWh of 1 device$/ }));
    expect(screen.getByRole('heading', { name: 'Today so far in Asia/Kolkata (UTC+5:30)' })).toBeVisible();
    expect(hours()[0]).toBe('HourOffice');
    expect(path()).toBe('/?clock=Asia%2FKolkata');

    const cards = within(screen.getByRole('region', { name: 'Devices' }));
    const [pump, other] = cards.getAllByRole('listitem');
    expect(pump).toHaveTextContent(/Heat pumpSeen 10 minutes ago/);
    expect(other).toHaveTextContent('No reading yet');
    expect(cards.getByRole('link', { name: 'Heat pump' })).toHaveAttribute('href', `/consumption/${heatPump.id}`);
    expect(await violations()).toEqual([]);
  });

  it('adds up devices of zones whose today is the same hours', async () => {
    const athens = { ...office, time_zone: 'Europe/Athens' };
    server.use(
      http.get('/api/monitoring/devices', () => HttpResponse.json([heatPump, athens])),
      http.get(range, ({ request }) => {
        const query = new URL(request.url).searchParams;
        return HttpResponse.json(
          [heatPump, athens].map((device) =>
            dayOf(device, query.get('start_date') ?? '', (hour) => (hour < 10 ? full(0.1) : nothing)),
          ),
        );
      }),
    );
    renderApp('/');

    expect(await screen.findByRole('heading', { name: 'Today so far' })).toBeVisible();
    // Ten times 0.1 twice, which binary fractions only come close to.
    expect(await screen.findByText('2', { selector: 'p' })).toHaveTextContent('2kWh');
  });

  it('leaves a device alone in the chart when its name is pressed', async () => {
    const here = { ...office, time_zone: heatPump.time_zone };
    server.use(
      http.get('/api/monitoring/devices', () => HttpResponse.json([heatPump, here])),
      http.get(range, ({ request }) =>
        HttpResponse.json(
          [heatPump, here].map((device) =>
            dayOf(device, new URL(request.url).searchParams.get('start_date') ?? '', () => full(1)),
          ),
        ),
      ),
    );
    const { user } = renderApp('/');
    const chip = await screen.findByRole('button', { name: /^Office/ });

    await user.click(chip);
    expect(chip).toHaveAttribute('aria-pressed', 'true');
    await user.click(chip);
    expect(chip).toHaveAttribute('aria-pressed', 'false');
  });

  it('keeps production apart from consumption, pays for it, and tells how much of it was used', async () => {
    const here = { ...office, price: 0.1, time_zone: heatPump.time_zone, direction: 'production' };
    const asked: string[] = [];
    const sums = {
      consumption: 20,
      production: 28,
      feed_in: null,
      self_consumption: 7,
      usage: 20,
      measured_hours: 15,
      incomplete_hours: 5,
      self_consumption_rate: 0.25,
      self_sufficiency: 0.35,
    };
    server.use(
      http.get('/api/monitoring/devices', () => HttpResponse.json([heatPump, here])),
      http.get(range, ({ request }) => {
        const date = new URL(request.url).searchParams.get('start_date') ?? '';
        const of = (device: Device, energy: number) =>
          dayOf(device, date, (hour) => (date === '2026-11-20' && hour < 10 ? full(energy) : nothing));
        return HttpResponse.json([of(heatPump, 2), of(here, 3)]);
      }),
      http.get('/api/monitoring/balance', ({ request }) => {
        asked.push(new URL(request.url).search);
        return HttpResponse.json({
          start_date: '2026-11-01',
          end_date: '2026-11-30',
          time_zone: heatPump.time_zone,
          granularity: 'day',
          data: [{ ...sums, date: '2026-11-01' }],
          total: sums,
        });
      }),
    );
    const { user, path } = renderApp('/');

    const today = within(await screen.findByRole('region', { name: 'Today so far' }));
    expect(await today.findByText('20', { exact: false, selector: 'p' })).toHaveTextContent('20kWh');
    expect(today.getByText('Produced').nextSibling).toHaveTextContent(/^30\skWhtoday so far$/);
    expect(today.getByText('Cost').nextSibling).toHaveTextContent('7.00today so far, less what is paid for production');
    const card = within(screen.getByRole('region', { name: 'Devices' })).getAllByRole('listitem')[1];
    expect(card).toHaveTextContent(/Produced today30\skWh3\.00/);

    const balance = within(await screen.findByRole('region', { name: 'Own production in November 2026' }));
    expect((await balance.findByText('Produced')).nextSibling).toHaveTextContent(/^28\skWh25% of it used here$/);
    expect(balance.getByText('Used').nextSibling).toHaveTextContent(/^20\skWh35% of it from the own production$/);
    expect(balance.getByText('Incomplete hours').nextSibling).toHaveTextContent('5of 15, in no share');
    await user.click(balance.getByText('Day by day'));
    expect(balance.getAllByRole('row')[1]).toHaveTextContent(/^Sun, Nov 17\skWh13\skWh21\skWh5$/);
    expect(await violations()).toEqual([]);

    await user.click(balance.getByRole('button', { name: 'Month before' }));
    expect(await screen.findByRole('heading', { name: 'Own production in October 2026' })).toBeVisible();
    expect(path()).toBe('/?month=2026-10');
    expect(asked).toEqual([
      `?device_id=${here.id}&device_id=${heatPump.id}&start_date=2026-11-01&end_date=2026-11-30&granularity=day`,
      `?device_id=${here.id}&device_id=${heatPump.id}&start_date=2026-10-01&end_date=2026-10-31&granularity=day`,
    ]);
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

    expect(await screen.findByRole('heading', { name: /^Today so far/ })).toBeVisible();
  });

  it('counts all of a household’s devices, draws those in sight and asks for a hundred at a time', async () => {
    const many = Array.from({ length: 130 }, (_, index) => ({ ...heatPump, id: `meter-${index}`, name: `Meter ${index}` }));
    const asked: number[] = [];
    const latest: (string | null)[] = [];
    server.use(
      http.get('/api/monitoring/devices', () => HttpResponse.json(many)),
      http.get('/api/monitoring/measurements', ({ request }) => {
        latest.push(new URL(request.url).searchParams.get('device_id'));
        return HttpResponse.json([]);
      }),
      http.get(range, ({ request }) => {
        const query = new URL(request.url).searchParams;
        const ids = query.getAll('device_id');
        const day = dayOf(heatPump, query.get('start_date') ?? '', (hour) => (hour < 10 ? full(2) : nothing));
        asked.push(ids.length);
        return HttpResponse.json(ids.map((device_id) => ({ ...day, device_id })));
      }),
    );
    const sight = seeOnly((id) => ['meter-3', 'meter-4'].includes(id));
    const { user } = renderApp('/');

    expect(await screen.findByText('2.6', { exact: false, selector: 'p' })).toHaveTextContent('2.6MWh');
    expect(screen.getByRole('heading', { name: 'Today so far' })).toBeVisible();
    await waitFor(() => expect(asked.length).toBeGreaterThanOrEqual(6));
    expect(new Set(asked)).toEqual(new Set([30, 100]));
    expect(new Set(latest)).toEqual(new Set(['meter-3', 'meter-4']));

    const cards = within(screen.getByRole('region', { name: /^Devices/ })).getAllByRole('listitem');
    expect(cards).toHaveLength(130);
    expect(cards.filter((card) => within(card).queryByRole('img') !== null).map(({ dataset }) => dataset.id)).toEqual([
      'meter-3',
      'meter-4',
    ]);

    // The chart tells apart as many as can be told apart, and the table of it too.
    await user.click(screen.getByText('Hour by hour'));
    const table = screen.getByRole('table', { name: 'Today’s energy by hour and device' });
    expect(within(table).getByRole('columnheader', { name: '119 others' })).toBeVisible();
    expect(within(table).getAllByRole('columnheader')).toHaveLength(13);
    sight.end();
  });

  it('shows an administrator the first devices, and has the server search for others', async () => {
    const searched: (string | null)[] = [];
    server.use(
      answers,
      http.get('/session', () => HttpResponse.json({ user: admin })),
      http.get('/api/devices', ({ request }) => {
        const query = new URL(request.url).searchParams;
        searched.push(query.get('search'));
        expect(query.get('limit')).toBe('300');
        return HttpResponse.json(query.has('search') ? [office] : [heatPump], {
          headers: query.has('search') ? {} : { Link: '</api/devices?after=x>; rel="next"' },
        });
      }),
    );
    const { user, path } = renderApp('/');

    expect(await screen.findByText(/These are the first 1 by name/)).toBeVisible();
    expect(screen.getByRole('heading', { name: 'Today so far, the first 1 devices by name' })).toBeVisible();
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
