import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { delay, http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { datesBetween, dayOf, daysOf, full, fullDay, heatPump, hoursOf, nothing, office } from '@/testing/data';
import { violations } from '@/testing/axe';
import { renderApp } from '@/testing/renderApp';
import { asAdmin, problem, server } from '@/testing/server';

const page = `/consumption/${heatPump.id}`;
const range = '/api/monitoring/hourly/range';

/** Half past ten in the morning in Bucharest. */
const now = new Date('2026-11-20T10:30:00+02:00');

const pressed = (key: string) => act(() => fireEvent.keyDown(document.body, { key }));

describe('the consumption page', () => {
  beforeEach(() => void vi.useFakeTimers({ now, toFake: ['Date'] }));

  it('goes to the first device by name and shows today in the device’s zone', async () => {
    const asked: (string | null)[] = [];
    server.use(
      http.get(range, ({ request }) => {
        asked.push(new URL(request.url).searchParams.get('start_date'));
        return HttpResponse.json(dayOf(heatPump, '2026-11-20', (hour) => (hour <= 10 ? full(1.5) : nothing)));
      }),
    );

    const { path } = renderApp('/consumption');

    expect(await screen.findByRole('heading', { name: 'Today so far' })).toBeVisible();
    expect(path()).toBe(page);
    expect(asked).toEqual(['2026-11-20']);
    expect(screen.getByText('Total').parentElement).toHaveTextContent('16.5kWh');
    expect(screen.getByRole('link', { name: /Heat pump/ })).toHaveAttribute('aria-current', 'true');
  });

  it('shows the last day of a device that is no longer the caller’s, and until when it was', async () => {
    server.use(
      http.get('/api/monitoring/devices', ({ request }) => {
        expect(new URL(request.url).searchParams.get('with_ended')).toBe('true');
        return HttpResponse.json([
          { ...heatPump, periods: [{ from: null, until: '2026-11-10T12:00:00Z' }] },
          { ...office, periods: [{ from: '2026-11-10T12:00:00Z', until: null }] },
        ]);
      }),
    );
    const { path } = renderApp(page);

    expect(await screen.findByText(/^Yours until Nov 10, 2026, .* You see what was measured before that hour\.$/)).toBeVisible();
    expect(await screen.findByRole('heading', { name: /Nov(ember)? 10/ })).toBeVisible();
    expect(path()).toBe(page);
    const names = within(screen.getByRole('navigation', { name: 'Devices' })).getAllByRole('link');
    expect(names.map(({ textContent }) => textContent)).toEqual(['OfficeNo limit', 'Heat pumpYours until Nov 10, 2026']);
    expect(await violations()).toEqual([]);
  });

  it('says that the day of the address is none', async () => {
    renderApp(`${page}?date=2026-02-30`);

    expect(await screen.findByText(/asks for the day “2026-02-30”, which is none/)).toBeVisible();
    expect(await screen.findByRole('heading', { name: 'Today so far' })).toBeVisible();
  });

  it('tells an administrator of readings that are in none of the figures', async () => {
    server.use(
      asAdmin,
      http.get('/api/devices', () => HttpResponse.json([heatPump])),
      http.get('/api/devices/:id', () => HttpResponse.json(heatPump)),
      http.get('/api/monitoring/quarantine/summary', ({ request }) => {
        expect(Object.fromEntries(new URL(request.url).searchParams)).toEqual({
          device_id: heatPump.id,
          start_date: '2026-11-20',
          end_date: '2026-11-20',
        });
        const times = { oldest: '2026-11-20T08:00:00Z', newest: '2026-11-20T08:00:00Z' };
        return HttpResponse.json([
          { reason: 'negative', count: 1, retryable: false, ...times },
          { reason: 'future', count: 1, retryable: true, ...times },
        ]);
      }),
    );
    renderApp(page);

    expect(
      await screen.findByText(/^2 readings of this time were not accepted and are in none of these figures\.$/),
    ).toBeVisible();
    expect(screen.getByRole('link', { name: 'Look at the quarantine' })).toHaveAttribute(
      'href',
      `/system/quarantine?device=${heatPump.id}`,
    );
    expect(await violations()).toEqual([]);
  });

  it('says to a household that coverage is of the expected readings, and asks nothing that only administrators may know', async () => {
    const asked: string[] = [];
    server.use(
      http.get('/api/monitoring/quarantine/summary', ({ request }) => {
        asked.push(request.url);
        return HttpResponse.json([{ reason: 'negative', count: 1, retryable: false }]);
      }),
      // One reading of ten o'clock was not accepted, so it isn't counted.
      http.get(range, () =>
        HttpResponse.json(dayOf(heatPump, '2026-11-19', (hour) => (hour === 10 ? { energy: 1, readings: 5 } : full(1)))),
      ),
    );
    renderApp(`${page}?date=2026-11-19`);

    expect(await screen.findByText('99% of expected readings')).toHaveAttribute(
      'title',
      expect.stringContaining('were accepted'),
    );
    expect(screen.queryByText(/in none of these figures\.$/)).not.toBeInTheDocument();
    expect(asked).toEqual([]);
  });

  it('shows a skeleton until the first figures come', async () => {
    server.use(http.get(range, () => delay('infinite')));

    renderApp(page);

    expect(await screen.findByText('Loading the consumption')).toBeInTheDocument();
  });

  it('tells total, coverage, peak, average and cost', async () => {
    server.use(
      http.get(range, () =>
        HttpResponse.json(dayOf(heatPump, '2026-11-19', (hour) => (hour === 3 ? nothing : full(hour === 18 ? 3 : 1)))),
      ),
    );

    renderApp(`${page}?date=2026-11-19`);

    expect(await screen.findByRole('heading', { name: /^Yesterday, / })).toBeVisible();
    expect(screen.getByText('Total').parentElement).toHaveTextContent('25kWh');
    expect(screen.getByText('95% of expected readings')).toBeVisible();
    expect(screen.getByText('Peak').nextSibling).toHaveTextContent(/^3\skWh6:00\sPM–7:00\sPM$/);
    expect(screen.getByText('Average').nextSibling).toHaveTextContent(/^1.09\skWhper hour$/);
    expect(screen.getByText('Cost', { selector: 'dt' }).nextSibling).toHaveTextContent('12.50');
    expect(screen.getByText('Over the limit', { selector: 'dt' }).nextSibling).toHaveTextContent('1hour');
  });

  it('describes the chart and repeats it as a table', async () => {
    server.use(
      http.get(range, () => HttpResponse.json(dayOf(heatPump, '2026-11-19', (hour) => (hour === 3 ? nothing : full(1))))),
    );
    const { user } = renderApp(`${page}?date=2026-11-19`);

    expect(await screen.findByRole('img', { name: /Total 23\skWh.*1 without data/ })).toBeInTheDocument();
    await user.click(screen.getByText('Hour by hour'));

    const rows = within(screen.getByRole('table', { name: /Heat pump/ })).getAllByRole('row');
    expect(rows).toHaveLength(25);
    expect(rows[4]).toHaveTextContent(/3:00\sAM–4:00\sAM–No data/);
  });

  it('names the zone and the clock change', async () => {
    renderApp(`${page}?date=2026-10-25`);

    expect(await screen.findByText(/it has 25 hours.*Europe\/Bucharest \(UTC\+3, then UTC\+2\)/)).toBeVisible();
  });

  it('steps by button, key and back to today, all in the address', async () => {
    const { user, path } = renderApp(page);
    await screen.findByRole('heading', { name: 'Today so far' });

    expect(screen.getByRole('button', { name: 'Next day' })).toBeDisabled();
    await user.click(screen.getByRole('button', { name: 'Previous day' }));
    expect(path()).toBe(`${page}?date=2026-11-19`);

    await pressed('ArrowLeft');
    await waitFor(() => expect(path()).toBe(`${page}?date=2026-11-18`));
    await pressed('ArrowRight');
    await waitFor(() => expect(path()).toBe(`${page}?date=2026-11-19`));
    await pressed('t');
    await waitFor(() => expect(path()).toBe(page));

    await pressed('ArrowRight');
    expect(path()).toBe(page);
  });

  it('goes to the first day of the month by Home and to now by End', async () => {
    const { path } = renderApp(page);
    await screen.findByText('Total');

    await pressed('Home');
    await waitFor(() => expect(path()).toBe(`${page}?date=2026-11-01`));
    await pressed('End');
    await waitFor(() => expect(path()).toBe(page));
  });

  it('walks back through what was shown', async () => {
    const { user, path, router } = renderApp(page);
    await screen.findByText('Total');

    await user.click(screen.getByRole('button', { name: 'Month' }));
    await user.click(screen.getByRole('button', { name: 'Previous month' }));
    expect(path()).toBe(`${page}?period=month&date=2026-10-20`);

    await act(() => router.navigate(-1));
    expect(await screen.findByRole('heading', { name: 'This month so far' })).toBeVisible();
    await act(() => router.navigate(-1));
    expect(await screen.findByRole('heading', { name: 'Today so far' })).toBeVisible();
  });

  it('shows a month by day, its hours over the limit and its highest hours, which lead to their days', async () => {
    const dates = datesBetween('2026-10-01', '2026-10-31');
    server.use(
      http.get(range, ({ request }) =>
        HttpResponse.json(
          new URL(request.url).searchParams.get('granularity') === 'hour'
            ? hoursOf(heatPump, dates, (date, hour) => full(date === '2026-10-08' && hour === 18 ? 3 : 1))
            : daysOf(heatPump, dates, (date) => fullDay(date === '2026-10-08' ? 26 : 24)),
        ),
      ),
    );
    const { user, path } = renderApp(`${page}?period=month&date=2026-10-20`);

    expect(await screen.findByRole('heading', { name: 'October 2026' })).toBeVisible();
    expect(screen.getByText('Total').parentElement).toHaveTextContent('746kWh');
    expect(screen.getByText('Average').nextSibling).toHaveTextContent(/per day$/);
    await waitFor(() => expect(screen.getByText('Over the limit', { selector: 'dt' }).nextSibling).toHaveTextContent('1hour'));

    await user.click(screen.getByRole('button', { name: /^Thu, Oct 8, 6:00\sPM–7:00\sPM\s?3\skWh, over the limit$/ }));
    expect(path()).toBe(`${page}?date=2026-10-08`);
  });

  it('goes to the last seven days by preset, and to a month by its picker', async () => {
    const { user, path } = renderApp(page);

    await user.click(await screen.findByRole('button', { name: /choose another day/ }));
    await user.click(await screen.findByRole('button', { name: 'Last 7 days' }));
    await waitFor(() => expect(path()).toBe(`${page}?period=7d`));
    expect(await screen.findByRole('heading', { name: 'Last 7 days' })).toBeVisible();

    await user.click(screen.getByRole('button', { name: 'Month' }));
    await user.click(screen.getByRole('button', { name: /choose another month/ }));
    await user.click(await screen.findByRole('button', { name: 'May 2026' }));
    await waitFor(() => expect(path()).toBe(`${page}?period=month&date=2026-05-01`));
  });

  it('compares an unfinished day with the day before up to the last finished hour', async () => {
    server.use(
      http.get(range, ({ request }) => {
        const date = new URL(request.url).searchParams.get('start_date') ?? '';
        return HttpResponse.json(
          date === '2026-11-20'
            ? dayOf(heatPump, date, (hour) => (hour <= 10 ? full(1.5) : nothing))
            : dayOf(heatPump, date, () => full(1)),
        );
      }),
    );
    const { user, path } = renderApp(page);

    await user.click(await screen.findByRole('button', { name: 'Compare' }));
    await user.click(await screen.findByRole('menuitemradio', { name: 'With the day before' }));

    expect(path()).toBe(`${page}?compare=previous`);
    expect((await screen.findByText('Against the day before')).nextSibling).toHaveTextContent(
      /^\+50%15\skWh now, 10\skWh then, up to 10:00\sAM$/,
    );
  });

  it('tells costs instead of energy where there is a price', async () => {
    const { user, path } = renderApp(`${page}?date=2026-11-19`);

    await user.click(await screen.findByRole('button', { name: 'Cost' }));

    expect(path()).toBe(`${page}?date=2026-11-19&unit=money`);
    expect(screen.getByText('Total cost').parentElement).toHaveTextContent('12.00');
    expect(screen.getByText('Peak').nextSibling).toHaveTextContent('0.50');
  });

  it('exports what is shown', async () => {
    const files: { name: string; text: Promise<string> }[] = [];
    const made = vi.fn<(file: Blob) => string>(() => 'blob:');
    Object.assign(URL, { createObjectURL: made, revokeObjectURL: vi.fn() });
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      files.push({ name: this.download, text: made.mock.lastCall?.[0].text() ?? Promise.resolve('') });
    });
    const { user } = renderApp(`${page}?date=2026-11-19`);

    await user.click(await screen.findByRole('button', { name: 'Export as CSV' }));

    expect(files[0]?.name).toBe('heat-pump_2026-11-19.csv');
    expect((await files[0]?.text)?.split('\r\n')[1]).toBe('Heat pump,2026-11-19T00:00:00+02:00,1,0.5,6,6');
  });

  it.each([
    ['2026-11-20T10:20:00+02:00', /^1\.5\skW now, last reading 10 minutes ago$/],
    ['2026-11-19T08:20:00+02:00', /^Silent, last reading yesterday$/],
  ])('tells what the device draws now, or since when it is silent: %s', async (timestamp, words) => {
    server.use(
      http.get('/api/monitoring/measurements', () =>
        HttpResponse.json([{ device_id: heatPump.id, timestamp, measurement_value: 0.25 }]),
      ),
    );
    renderApp(page);

    expect(await screen.findByText(words)).toBeVisible();
  });

  it('shows the readings themselves, zooms into them and lists them', async () => {
    server.use(
      http.get('/api/monitoring/measurements', ({ request }) => {
        // The newest reading alone comes as JSON.
        if (new URL(request.url).searchParams.has('limit')) return HttpResponse.json([]);
        expect(request.headers.get('Accept')).toBe('text/csv');
        return HttpResponse.text(
          [
            'device_id,device_name,timestamp,measurement_value_kwh',
            ...Array.from({ length: 12 }, (_, index) => 11 - index).map(
              (index) => `1,Heat pump,2026-11-19T0${Math.floor(index / 6)}:${index % 6}0:00+02:00,${index === 3 ? 0.5 : 0.2}`,
            ),
          ].join('\r\n'),
        );
      }),
    );
    const { user, path } = renderApp(`${page}?date=2026-11-19`);

    await user.click(await screen.findByRole('button', { name: 'Readings' }));
    expect(path()).toBe(`${page}?date=2026-11-19&view=readings`);
    expect(await screen.findByRole('img', { name: /12 readings, highest 3\skW at Thu, Nov 19, 12:30\sAM/ })).toBeInTheDocument();

    // The whole day is there, though the meter fell silent at two: zooming in goes to its middle.
    await user.click(screen.getByRole('button', { name: 'Zoom in' }));
    expect(screen.getByRole('img', { name: /, 0 readings\./ })).toBeInTheDocument();
    for (let presses = 0; presses < 4; presses++) {
      const earlier = screen.getByRole('button', { name: 'Earlier' });
      if (!earlier.hasAttribute('disabled')) await user.click(earlier);
    }
    expect(screen.getByRole('img', { name: /12 readings/ })).toBeInTheDocument();

    await user.click(screen.getByText('Reading by reading'));
    expect(within(screen.getByRole('table', { name: /Readings of Heat pump/ })).getAllByRole('row')).toHaveLength(13);
  });

  it('has no accessibility violation', async () => {
    renderApp(`${page}?period=month&compare=previous`);
    await screen.findByText('Total');

    expect(await violations()).toEqual([]);
  });

  it('goes to a day chosen in the calendar', async () => {
    const { user, path } = renderApp(page);

    await user.click(await screen.findByRole('button', { name: /choose another day/ }));
    await user.click(await screen.findByRole('button', { name: /November 5, 2026/ }));

    await waitFor(() => expect(path()).toBe(`${page}?date=2026-11-05`));
  });

  it('keeps the day when another device is chosen, and the old figures until the new ones come', async () => {
    const { user, path } = renderApp(`${page}?date=2026-11-18`);
    await screen.findByText('Total');
    server.use(http.get(range, () => delay('infinite')));

    await user.click(screen.getByRole('link', { name: /Office/ }));

    expect(path()).toBe(`/consumption/${office.id}?date=2026-11-18`);
    expect(screen.getByText('Total').closest('section')).toHaveAttribute('aria-busy', 'true');
  });

  it.each(['2026-11-31', 'yesterday', '2999-01-01'])('takes %s in the address for today', async (date) => {
    renderApp(`${page}?date=${date}`);

    expect(await screen.findByRole('heading', { name: 'Today so far' })).toBeVisible();
  });

  it('says that a day without readings is unknown, not zero', async () => {
    server.use(http.get(range, () => HttpResponse.json(dayOf(heatPump, '2026-11-18', () => nothing))));

    renderApp(`${page}?date=2026-11-18`);

    expect(await screen.findByRole('heading', { name: 'No readings on this day' })).toBeVisible();
    expect(screen.queryByText('Total')).not.toBeInTheDocument();
  });

  it('says what to do when there are no devices', async () => {
    server.use(http.get('/api/monitoring/devices', () => HttpResponse.json([])));

    renderApp('/consumption');

    expect(await screen.findByRole('heading', { name: 'No devices yet' })).toBeVisible();
    expect(screen.getByText(/assign your meters to you/)).toBeVisible();
  });

  it('offers another device in place of one that isn’t there', async () => {
    renderApp('/consumption/99999999-0000-4000-8000-000000000000');

    expect(await screen.findByRole('link', { name: 'Show Heat pump' })).toHaveAttribute('href', page);
  });

  it('says why a day can’t be shown, and tries again when asked', async () => {
    server.use(http.get(range, () => problem(500, 'Something broke'), { once: true }));
    const { user } = renderApp(page);

    expect(await screen.findByRole('alert')).toHaveTextContent('Something broke');
    await user.click(screen.getByRole('button', { name: 'Try again' }));

    expect(await screen.findByText('Total')).toBeInTheDocument();
  });
});

describe('a page that stays open', () => {
  beforeEach(() => void vi.useFakeTimers({ now, shouldAdvanceTime: true }));

  const seconds = (count: number) => act(() => vi.advanceTimersByTimeAsync(count * 1000));

  it('grows by itself while it shows today', async () => {
    let energy = 1;
    server.use(
      http.get(range, () => HttpResponse.json(dayOf(heatPump, '2026-11-20', (hour) => (hour === 10 ? full(energy++) : nothing)))),
    );
    renderApp(page);
    const total = (await screen.findByText('Total')).parentElement;
    expect(total).toHaveTextContent('1kWh');

    await seconds(5);

    await waitFor(() => expect(total).toHaveTextContent('2kWh'));
  });

  it('leaves a day that is over alone', async () => {
    const asked = vi.fn();
    server.use(
      http.get(range, () => {
        asked();
        return HttpResponse.json(dayOf(heatPump, '2026-11-18', () => full(1)));
      }),
    );
    renderApp(`${page}?date=2026-11-18`);
    await screen.findByText('Total');

    await seconds(20);

    expect(asked).toHaveBeenCalledOnce();
  });

  it('becomes the next day at midnight of the device’s zone', async () => {
    vi.setSystemTime(new Date('2026-11-20T23:59:50+02:00'));
    renderApp(page);
    await screen.findByRole('heading', { name: 'Today so far' });
    expect(screen.getByRole('button', { name: /Fri, Nov 20, 2026/ })).toBeVisible();

    await seconds(20);

    expect(await screen.findByRole('button', { name: /Sat, Nov 21, 2026/ })).toBeVisible();
  });

  it('says that the connection is lost, keeps the figures, and heals by itself', async () => {
    renderApp(page);
    await screen.findByText('Total');
    server.use(http.get(range, () => HttpResponse.error()));

    await seconds(7);
    await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent(/Connection lost.*Figures are from/));
    expect(screen.getByText('Total')).toBeInTheDocument();

    server.resetHandlers();
    await seconds(7);
    await waitFor(() => expect(screen.queryByRole('alert')).not.toBeInTheDocument());
  });
});
