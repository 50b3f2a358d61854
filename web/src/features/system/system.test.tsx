import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { violations } from '@/testing/axe';
import { carol, dora, heatPump, sagaOf } from '@/testing/data';
import { FakeEventSource } from '@/testing/FakeEventSource';
import { renderApp } from '@/testing/renderApp';
import { asAdmin, paged, problem, server } from '@/testing/server';

const text = ({ textContent }: Element) => textContent;

/** The first of several that are there. */
const first = ([one]: HTMLElement[]) => one ?? document.body;

/** What the rows of a table say, without its head. */
const rows = async (name: string) =>
  within(await screen.findByRole('table', { name }))
    .getAllByRole('row')
    .slice(1);

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-20T08:30:00Z'), toFake: ['Date'] });
  server.use(asAdmin);
});

describe('health', () => {
  it('tells which service doesn’t answer, and leads to logs and traces', async () => {
    server.use(
      http.get('/session/links', () => HttpResponse.json({ dashboard: 'http://localhost:18888/' })),
      http.get('/api/auth/sagas', () => HttpResponse.json([])),
      http.get('/api/users', () => problem(503, 'Away')),
      http.get('/api/devices', () => HttpResponse.json([])),
      http.get('/api/monitoring/ledger', () => HttpResponse.json([])),
      http.get('/session/health', () =>
        HttpResponse.json([
          { name: 'devices', state: 'waiting', reasons: ['Waiting for the broker or the database: outbox.'] },
          { name: 'monitoring', state: 'ready', reasons: [] },
        ]),
      ),
    );
    renderApp('/system');

    const services = within(await screen.findByRole('region', { name: 'Services' }));
    await waitFor(() =>
      expect(services.getAllByRole('listitem').map(text)).toEqual([
        expect.stringMatching(/^Identityaccounts and sign-in[\d.]+\s(ms|s)Answers$/),
        'UsersprofilesAway',
        expect.stringMatching(/^Devices.*Waiting for the broker or the database: outbox\..*Waits$/),
        expect.stringMatching(/^Monitoring.*Answers$/),
      ]),
    );
    expect(screen.getByText('Users doesn’t answer; what needs them waits.')).toBeVisible();
    expect(await screen.findByRole('link', { name: 'Logs and traces' })).toHaveAttribute('href', 'http://localhost:18888/');
    expect(screen.getByRole('link', { name: 'API documents' })).toHaveAttribute('href', '/api/docs');
    expect(await violations()).toEqual([]);
  });

  describe('signing keys', () => {
    const sent: unknown[] = [];

    beforeEach(() => {
      sent.length = 0;
      server.use(
        http.get('/session/links', () => HttpResponse.json({ dashboard: null })),
        http.get('/session/health', () => HttpResponse.json([])),
        http.get('/api/users', () => HttpResponse.json([])),
        http.get('/api/devices', () => HttpResponse.json([])),
        http.get('/api/monitoring/ledger', () => HttpResponse.json([])),
        // Keys that are retired take the caller's own session with them.
        http.get('/api/auth/sagas', () =>
          sent.some((body) => (body as { retire_old: boolean }).retire_old)
            ? problem(401, 'Unauthorized')
            : HttpResponse.json([]),
        ),
        http.post('/api/auth/keys/rotate', async ({ request }) => {
          sent.push(await request.json());
          return HttpResponse.json({ key_id: 'k2', signs_from: '2026-11-21T08:30:00Z' });
        }),
      );
    });

    it('rotates them unnoticed', async () => {
      const { user } = renderApp('/system');

      await user.click(await screen.findByRole('button', { name: 'Rotate keys' }));
      expect(await screen.findByText(/^New keys are published, and sign from Nov 21, 2026, 3:30\sAM\.$/)).toBeVisible();
      expect(sent).toEqual([{ retire_old: false }]);
      expect(screen.getByRole('heading', { name: 'Health' })).toBeVisible();
    });

    it('retires leaked ones after asking, which ends the session too', async () => {
      const { user, path } = renderApp('/system');

      await user.click(await screen.findByRole('button', { name: 'Retire leaked keys' }));
      const dialog = await screen.findByRole('alertdialog', { name: 'Retire the keys at once?' });
      expect(dialog).toHaveTextContent(/everybody, you too, has to sign in again/);
      expect(await violations()).toEqual([]);
      await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
      expect(sent).toEqual([]);
      await user.click(screen.getByRole('button', { name: 'Retire leaked keys' }));
      await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Retire keys' }));

      expect(await screen.findByText(/Your session has ended/)).toBeVisible();
      expect(path()).toMatch(/^\/sign-in/);
      expect(sent).toEqual([{ retire_old: true }]);
    });

    it('says when they could not be rotated', async () => {
      server.use(http.post('/api/auth/keys/rotate', () => problem(503, 'Away', { detail: 'Identity can’t be reached.' })));
      const { user } = renderApp('/system');

      await user.click(await screen.findByRole('button', { name: 'Rotate keys' }));
      expect(await screen.findByText('Identity can’t be reached.')).toBeVisible();
    });
  });
});

describe('the ledger', () => {
  const hour = (at: string, more = {}) => ({
    hour: at,
    received: 1200,
    stored: 1190,
    duplicates: 8,
    quarantined: 2,
    balanced: true,
    ...more,
  });

  beforeEach(() => {
    vi.stubGlobal('EventSource', FakeEventSource);
    server.use(
      http.get('/api/monitoring/ledger', () =>
        HttpResponse.json([hour('2026-11-20T06:00:00Z'), hour('2026-11-20T07:00:00Z', { stored: 1189, balanced: false })]),
      ),
    );
  });

  it('tells what became of the readings of each hour, the newest first', async () => {
    renderApp('/system/ledger');

    const [newest, older] = await rows('Ledger by hour');
    expect(newest).toHaveTextContent(/^Nov 20, 2026, 2:00\sAM1,2001,18982No$/);
    expect(older).toHaveTextContent(/1,2001,19082Yes$/);
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('LedgerAn hour doesn’t add up');
    expect(await violations()).toEqual([]);
  });

  it('verifies with its progress, and repairs the device whose hours differ', async () => {
    let sent: unknown;
    server.use(
      http.post('/api/monitoring/ledger/repair', async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ message: '1 hour of Heat pump is counted anew.', hours_changed: 1, changes: [] });
      }),
    );
    const { user } = renderApp('/system/ledger');

    await user.click(await screen.findByRole('button', { name: 'Verify now' }));
    const events = FakeEventSource.last;
    expect(events.url).toBe('/api/monitoring/ledger?verify=true');
    expect(screen.getByText('Beginning')).toBeVisible();
    events.send('progress', { done: 3, total: 12, message: '3 of 12 days are compared.' });
    const progress = screen.getByRole('progressbar', { name: 'Verification' });
    expect([progress.getAttribute('value'), progress.getAttribute('max')]).toEqual(['3', '12']);
    expect(screen.getByText('3 of 12 days are compared.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Verifying' })).toHaveAttribute('aria-disabled', 'true');
    events.send('difference', {
      kind: 'hour',
      device_id: heatPump.id,
      hour: '2026-11-20T06:00:00Z',
      message: 'Heat pump: 2 kWh are shown, its readings are 1.5 kWh.',
    });
    events.send('difference', {
      kind: 'hour',
      device_id: heatPump.id,
      hour: '2026-11-20T07:00:00Z',
      message: 'Heat pump: 1 kWh is shown, its readings are 1.5 kWh.',
    });
    events.send('difference', {
      kind: 'ledger',
      device_id: null,
      hour: '2026-11-20T06:00:00Z',
      message: 'A reading is missing.',
    });
    events.send('result', { consistent: false, hours_checked: 288, readings_checked: 43_200, differences: 2 });

    expect(screen.getByText('2 differences in 43,200 readings, 288 hours.')).toBeVisible();
    expect(events.closed).toBe(true);
    expect(screen.queryByRole('progressbar')).not.toBeInTheDocument();
    expect(await violations()).toEqual([]);
    // Only a device's hours can be counted anew, those of a day together.
    await user.click(screen.getByRole('button', { name: 'Repair' }));
    expect(await screen.findByText('1 hour of Heat pump is counted anew.')).toBeVisible();
    expect(sent).toEqual({ device_id: heatPump.id, start_date: '2026-11-20', end_date: '2026-11-20' });
    expect(screen.getAllByText('Repaired')).toHaveLength(2);
    expect(screen.queryByRole('button', { name: 'Repair' })).not.toBeInTheDocument();
    expect(screen.getByText('Verify again to see that it adds up now.')).toBeVisible();
  });

  it('says that all adds up, and when it was broken off', async () => {
    const { user } = renderApp('/system/ledger');

    await user.click(await screen.findByRole('button', { name: 'Verify now' }));
    FakeEventSource.last.send('progress', { done: 1, total: 2, message: '' });
    FakeEventSource.last.fail();
    expect(await screen.findByRole('alert')).toHaveTextContent('It was broken off before it ended.');
    expect(FakeEventSource.last.closed).toBe(true);

    await user.click(screen.getByRole('button', { name: 'Verify now' }));
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    FakeEventSource.last.send('result', { consistent: true, hours_checked: 2, readings_checked: 12, differences: 0 });
    // The server closes, which is no failure after the result.
    FakeEventSource.last.fail();
    expect(screen.getByText('Everything adds up: 12 readings, 2 hours.')).toBeVisible();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('stops verifying when the page is left', async () => {
    const { user } = renderApp('/system/ledger');
    server.use(
      http.get('/api/monitoring/quarantine', () => paged([])),
      http.get('/api/monitoring/quarantine/summary', () => HttpResponse.json([])),
      http.get('/api/monitoring/users', () => HttpResponse.json([])),
    );

    await user.click(await screen.findByRole('button', { name: 'Verify now' }));
    await user.click(screen.getByRole('link', { name: 'Quarantine' }));

    expect(await screen.findByRole('heading', { name: 'Nothing is in quarantine' })).toBeVisible();
    expect(FakeEventSource.last.closed).toBe(true);
  });
});

describe('quarantine', () => {
  let kept: {
    id: string;
    reason: string;
    detail: string | null;
    device_id: string | null;
    body: string;
    body_bytes: number;
    received_at: string;
    retryable: boolean;
  }[];

  beforeEach(() => {
    kept = ['rejected', 'rejected', 'malformed'].map((reason, index) => ({
      id: `q${index}`,
      reason,
      detail: reason === 'rejected' ? '-1 kWh' : null,
      device_id: reason === 'rejected' ? heatPump.id : null,
      body: `{"reading":${index}}`,
      body_bytes: 13,
      retryable: reason === 'rejected',
      received_at: '2026-11-20T07:00:00Z',
    }));
    server.use(
      http.get('/api/monitoring/quarantine', ({ request }) => {
        const query = new URL(request.url).searchParams;
        return paged(
          kept.filter(
            ({ reason, device_id }) =>
              [null, reason].includes(query.get('reason')) && [null, device_id].includes(query.get('device_id')),
          ),
        );
      }),
      http.get('/api/monitoring/users', () => HttpResponse.json([])),
      http.get('/api/monitoring/quarantine/summary', () =>
        HttpResponse.json(
          ['rejected', 'malformed']
            .map((reason) => ({
              reason,
              count: kept.filter((one) => one.reason === reason).length,
              retryable: reason === 'rejected',
            }))
            .filter(({ count }) => count > 0),
        ),
      ),
    );
  });

  it('shows what was sent and why it was not accepted, and settles one at a time', async () => {
    server.use(
      http.post('/api/monitoring/quarantine/:id/replay', ({ params }) => {
        kept = kept.filter(({ id }) => id !== params.id);
        return HttpResponse.json({ message: 'The reading is stored.' });
      }),
      http.post('/api/monitoring/quarantine/:id/discard', () => problem(409, 'Conflict', { detail: 'It is stored already.' })),
    );
    const { user } = renderApp('/system/quarantine');

    expect((await rows('Quarantined readings')).map((row) => within(row).getAllByRole('cell')[0]?.textContent)).toEqual([
      expect.stringMatching(/^RejectedHeat pumpNov 20, 2026, 2:00\sAM-1 kWh\{"reading":0\}$/),
      expect.stringMatching(/^Rejected.*\{"reading":1\}$/),
      expect.stringMatching(/^MalformedNov 20, 2026, 2:00\sAM\{"reading":2\}$/),
    ]);
    expect(await screen.findByRole('button', { name: 'Rejected 2' })).toBeVisible();
    expect(await violations()).toEqual([]);
    // What is no reading stays none, however often it is tried.
    expect(screen.getAllByRole('button', { name: 'Try again' })).toHaveLength(2);
    expect(screen.getAllByRole('button', { name: 'Discard' })).toHaveLength(3);
    await user.click(first(screen.getAllByRole('button', { name: 'Try again' })));
    expect(await screen.findByText('The reading is stored.')).toBeVisible();
    await waitFor(async () => expect(await rows('Quarantined readings')).toHaveLength(2));
    expect(screen.getByRole('button', { name: 'Rejected 1' })).toBeVisible();

    await user.click(first(screen.getAllByRole('button', { name: 'Discard' })));
    expect(await screen.findByText('It is stored already.')).toBeVisible();
    expect(await rows('Quarantined readings')).toHaveLength(2);
  });

  it('accepts an unclear reading of a register with what it means', async () => {
    const accepted: unknown[] = [];
    kept = kept.slice(0, 1).map((one) => ({ ...one, reason: 'register_unclear' }));
    server.use(
      http.post('/api/monitoring/quarantine/:id/accept', async ({ params, request }) => {
        accepted.push(params.id, await request.json());
        kept = [];
        return HttpResponse.json({ message: 'The reading is stored.' });
      }),
    );
    const { user } = renderApp('/system/quarantine');

    await user.click(await screen.findByRole('button', { name: 'Accept…' }));
    expect(screen.queryByRole('button', { name: 'Try again' })).not.toBeInTheDocument();
    await user.click(await screen.findByRole('menuitem', { name: 'The register began at 0 again' }));
    expect(await screen.findByText(/Its value is counted as the energy since the reading before\./)).toBeVisible();
    expect(await violations()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Accept' }));

    expect(await screen.findByText('The reading is stored.')).toBeVisible();
    expect(accepted).toEqual(['q0', { as: 'reset' }]);
  });

  it('shows what was discarded, which can still be tried again', async () => {
    const asked: (string | null)[] = [];
    let discarded = [
      {
        id: 'd1',
        reason: 'future',
        retryable: true,
        detail: 'Its hour is closed.',
        body: '{"reading":9}',
        device_id: null,
        body_bytes: 13,
        received_at: '2026-11-19T07:00:00Z',
        discarded_at: '2026-11-20T07:30:00Z',
      },
    ];
    server.use(
      http.get('/api/monitoring/quarantine', ({ request }) => {
        const query = new URL(request.url).searchParams;
        if (query.get('discarded') !== 'true') return undefined;
        asked.push(query.get('reason'));
        return paged(discarded.filter(({ reason }) => [null, reason].includes(query.get('reason'))));
      }),
      http.post('/api/monitoring/quarantine/:id/replay', ({ params }) => {
        discarded = discarded.filter(({ id }) => id !== params.id);
        return HttpResponse.json({ message: 'The reading is stored.' });
      }),
    );
    const { user, path } = renderApp('/system/quarantine?reason=rejected');
    expect(await screen.findByRole('button', { name: 'Rejected 2' })).toHaveAttribute('aria-pressed', 'true');

    await user.click(screen.getByRole('button', { name: 'Discarded' }));
    expect(path()).toBe('/system/quarantine?reason=rejected&discarded=true');
    expect(await screen.findByRole('heading', { name: 'Nothing was discarded' })).toBeVisible();
    expect(screen.queryByRole('button', { name: /^Try all|^Discard all/ })).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'In the future' }));
    await waitFor(async () =>
      expect((await rows('Quarantined readings')).map(text)).toEqual([
        expect.stringMatching(
          /^In the future.*Its hour is closed\.\{"reading":9\}Nov 19, 2026, 2:00\sAMNov 20, 2026, 2:30\sAMTry again$/,
        ),
      ]),
    );
    expect(asked).toEqual(['rejected', 'future']);
    expect(await violations()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('The reading is stored.')).toBeVisible();
    expect(await screen.findByRole('heading', { name: 'Nothing was discarded' })).toBeVisible();

    // The reason that was chosen stays in sight where there is none of it.
    await user.click(screen.getByRole('button', { name: 'Open' }));
    expect(await screen.findByRole('button', { name: 'In the future 0' })).toHaveAttribute('aria-pressed', 'true');
  });

  it('narrows to a device, shows all of what it sent, and acts on that alone', async () => {
    const sent: unknown[] = [];
    server.use(
      http.post('/api/monitoring/quarantine/replay', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({ message: '2 readings were refused again.' });
      }),
      http.post('/api/monitoring/quarantine/discard', async ({ request }) => {
        sent.push(await request.json());
        kept = kept.filter(({ device_id }) => device_id === null);
        return HttpResponse.json({ message: '2 readings are discarded.' });
      }),
    );
    const { user, path } = renderApp('/system/quarantine');

    await user.click(first(await screen.findAllByRole('button', { name: 'Heat pump' })));
    expect(path()).toBe(`/system/quarantine?device=${heatPump.id}`);
    expect(await screen.findByText(/^Only of Heat pump\./)).toBeVisible();
    await waitFor(async () => expect(await rows('Quarantined readings')).toHaveLength(2));
    const body = screen.getByRole('button', { name: '{"reading":0}' });
    await user.click(body);
    expect(body).toHaveAttribute('aria-expanded', 'true');
    expect(screen.getAllByText('{"reading":0}')).toHaveLength(2);
    expect(await violations()).toEqual([]);

    await user.click(screen.getByRole('button', { name: 'Try all again' }));
    expect(await screen.findByText('2 readings were refused again.')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Rejected' }));
    await user.click(await screen.findByRole('button', { name: 'Discard all' }));
    const dialog = await screen.findByRole('alertdialog', { name: 'Discard all rejected readings of Heat pump?' });
    await user.click(within(dialog).getByRole('button', { name: 'Discard' }));
    expect(await screen.findByRole('heading', { name: 'Nothing is in quarantine' })).toBeVisible();
    expect(sent).toEqual([{ device_id: heatPump.id }, { reason: 'rejected', device_id: heatPump.id }]);

    await user.click(screen.getByRole('button', { name: 'Show all devices’' }));
    expect(path()).toBe('/system/quarantine?reason=rejected');
  });

  it('narrows to a reason, tries all of it again, and discards all only when asked twice', async () => {
    const sent: unknown[] = [];
    server.use(
      http.post('/api/monitoring/quarantine/replay', async ({ request }) => {
        sent.push('replay', await request.json());
        return HttpResponse.json({ message: '2 readings were refused again.' });
      }),
      http.post('/api/monitoring/quarantine/discard', async ({ request }) => {
        sent.push('discard', await request.json());
        kept = kept.filter(({ reason }) => reason !== 'rejected');
        return HttpResponse.json({ message: '2 readings are discarded.' });
      }),
    );
    const { user, path } = renderApp('/system/quarantine');

    await user.click(await screen.findByRole('button', { name: 'Rejected 2' }));
    expect(path()).toBe('/system/quarantine?reason=rejected');
    await waitFor(async () => expect(await rows('Quarantined readings')).toHaveLength(2));
    await user.click(screen.getByRole('button', { name: 'Try all 2 again' }));
    expect(await screen.findByText('2 readings were refused again.')).toBeVisible();

    await user.click(screen.getByRole('button', { name: 'Discard all' }));
    const dialog = await screen.findByRole('alertdialog', { name: 'Discard 2 readings?' });
    expect(dialog).toHaveTextContent(/no longer tried again by itself/);
    expect(await violations()).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
    expect(sent).toEqual(['replay', { reason: 'rejected' }]);
    await user.click(screen.getByRole('button', { name: 'Discard all' }));
    await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Discard' }));

    expect(await screen.findByText('2 readings are discarded.')).toBeVisible();
    expect(sent.slice(2)).toEqual(['discard', { reason: 'rejected' }]);
    expect(await screen.findByRole('heading', { name: 'Nothing is in quarantine' })).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Discard all' })).not.toBeInTheDocument();
  });
});

describe('sagas', () => {
  const failed = { name: 'profile', error: 'Users gave no answer.', attempts: 3 };
  const steps = [{ state: 'undone', started_at: '2026-11-20T08:29:58.000Z', ended_at: '2026-11-20T08:29:58.340Z' }, failed];
  const rolledBack = sagaOf('rolled_back', steps, {
    attempts: 4,
    last_error: 'Users gave no answer.',
    finished_at: '2026-11-20T08:30:10.400Z',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
  });

  it('lists them by state', async () => {
    server.use(
      http.get('/api/auth/sagas', ({ request }) =>
        new URL(request.url).searchParams.get('state') === 'rolled_back'
          ? paged([rolledBack])
          : paged([sagaOf('completed', [], { id: 'another', type: 'deletion', username: 'dora' }), rolledBack]),
      ),
    );
    const { user, path } = renderApp('/system/sagas');

    expect((await rows('Account changes')).map(text)).toEqual([
      expect.stringMatching(/^Deletion of dora.*Completedadmin1Nov 20, 2026, 3:29\sAM$/),
      expect.stringMatching(/^Registration of carol.*Rolled backadmin4/),
    ]);
    expect(await violations()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Rolled back' }));

    expect(path()).toBe('/system/sagas?state=rolled_back');
    await waitFor(async () => expect(await rows('Account changes')).toHaveLength(1));
    expect(screen.getByRole('link', { name: /carol/ })).toHaveAttribute('href', `/system/sagas/${rolledBack.id}`);
  });

  it('shows one step by step, as it goes on', async () => {
    let saga = sagaOf('compensating', [{ state: 'done' }, failed], { attempts: 3, last_error: 'Users gave no answer.' });
    server.use(http.get('/api/auth/sagas/:id', () => HttpResponse.json(saga)));
    renderApp(`/system/sagas/${rolledBack.id}`);

    expect(await screen.findByRole('heading', { level: 1 })).toHaveTextContent('Registration of carolBeing undone');
    const listed = () =>
      within(screen.getByRole('list', { name: 'Steps' }))
        .getAllByRole('listitem')
        .map(text);
    expect(listed()).toEqual(['Login being undone', 'Profile failed3 triesUsers gave no answer.']);
    expect(screen.getByText('Undone unless done by')).toBeVisible();
    saga = rolledBack;

    await waitFor(() => expect(listed()[0]).toMatch(/^Login undone340\sms$/));
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('Registration of carolRolled back');
    expect(screen.getByRole('alert')).toHaveTextContent('Users gave no answer.');
    const facts = within(screen.getByRole('region', { name: 'Facts' }));
    expect(facts.getByText('Took').nextSibling).toHaveTextContent(/^12\.4\ss$/);
    expect(facts.getByText('For support').nextSibling).toHaveTextContent(String(rolledBack.trace_id));
    // Nothing was made.
    expect(screen.queryByRole('link', { name: 'The account' })).not.toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });
});

describe('the audit log', () => {
  const record = (id: string, at: string, action: string, more = {}) => ({
    id,
    at,
    action,
    actor_id: null,
    actor: 'admin',
    address: '127.0.0.1',
    user_id: null,
    device_id: null,
    before: null,
    after: null,
    trace_id: null,
    ...more,
  });
  const none = () => paged([]);

  let asked: URLSearchParams[];

  beforeEach(() => {
    asked = [];
    server.use(
      http.get('/api/auth/audit', ({ request }) => {
        asked.push(new URL(request.url).searchParams);
        return paged([
          record('1', '2026-11-20T08:29:00Z', 'account_locked', {
            user_id: carol.id,
            before: { username: 'carol', locked_until: '2026-11-24T07:30:00+00:00' },
            after: { username: 'carol', locked_until: '9999-12-31T00:00:00+00:00' },
          }),
          record('2', '2026-11-20T08:00:00Z', 'sign_in_failed', { actor: 'mallory', address: null }),
        ]);
      }),
      http.get('/api/users/audit', none),
      http.get('/api/devices/audit', () =>
        paged([
          record('3', '2026-11-20T08:28:00Z', 'device_updated', {
            device_id: heatPump.id,
            before: { name: 'Heat pump', price: 0.3, time_zone: 'UTC' },
            after: { name: 'Heat pump', price: 0.32, time_zone: 'UTC' },
          }),
          record('4', '2026-11-20T07:00:00Z', 'device_deleted', { device_id: 'gone', before: { name: 'Old boiler' } }),
        ]),
      ),
      http.get('/api/monitoring/audit', () => paged([record('5', '2026-11-20T08:10:00Z', 'dead_letters_replayed')])),
      http.get('/api/monitoring/users', () => HttpResponse.json([dora, carol].map(({ id, username }) => ({ id, username })))),
    );
  });

  it('tells in sentences what all services have on record, the newest first', async () => {
    renderApp('/system/audit');

    await waitFor(async () =>
      expect((await rows('Audit log')).map((row) => within(row).getAllByRole('cell')[0]?.textContent)).toEqual([
        expect.stringMatching(/^admin locked the account carollocked until Nov 24, 2026, 2:30\sAM → further noticeNov 20/),
        expect.stringMatching(/^admin changed the device Heat pumpprice 0\.3 → 0\.32Nov 20/),
        expect.stringMatching(/^admin had failed events tried againNov 20/),
        expect.stringMatching(/^mallory failed to sign inNov 20/),
        expect.stringMatching(/^admin deleted the device Old boilerNov 20/),
      ]),
    );
    expect(await violations()).toEqual([]);
  });

  it('names a person who is gone as the records remember, also where a record itself doesn’t', async () => {
    const gone = 'e0000000-0000-7000-8000-000000000009';
    server.use(
      http.get('/api/auth/audit', () =>
        paged([
          record('1', '2026-11-20T08:29:00Z', 'account_deleted', { user_id: gone, before: { username: 'erna' } }),
          record('2', '2026-11-20T08:20:00Z', 'password_changed', { user_id: gone }),
          record('3', '2026-11-20T08:10:00Z', 'account_locked', { user_id: 'e0000000-0000-7000-8000-00000000000a' }),
        ]),
      ),
      http.get('/api/devices/audit', () =>
        paged([record('4', '2026-11-20T08:00:00Z', 'device_unassigned', { user_id: gone, device_id: heatPump.id })]),
      ),
      http.get('/api/monitoring/audit', none),
    );
    renderApp(`/system/audit?user=${gone}`);

    await waitFor(async () =>
      expect((await rows('Audit log')).map((row) => within(row).getAllByRole('cell')[0]?.textContent)).toEqual([
        expect.stringMatching(/^admin deleted the account ernaNov 20/),
        expect.stringMatching(/^admin changed the password of ernaNov 20/),
        expect.stringMatching(/^admin locked the account one that is gone \(…0000000a\)Nov 20/),
        expect.stringMatching(/^admin took Heat pump away from ernaNov 20/),
      ]),
    );
    expect(screen.getByRole('combobox', { name: 'Done to' })).toHaveValue('erna');
  });

  it('is narrowed by person, action and days of the viewer’s, all in the address', async () => {
    const { user, path } = renderApp('/system/audit');

    const person = await screen.findByRole('combobox', { name: 'Done to' });
    await user.click(person);
    const list = screen.getByRole('listbox', { name: 'Done to' });
    await waitFor(() => expect(within(list).getAllByRole('option').map(text)).toEqual(['Anybody', 'carol', 'dora']));
    await user.type(person, 'car{Enter}');
    expect(person).toHaveValue('carol');
    const actor = screen.getByRole('combobox', { name: 'Done by' });
    await user.type(actor, 'dor{Enter}');
    expect(actor).toHaveValue('dora');
    await user.selectOptions(screen.getByLabelText('Action'), 'locked the account …');
    await user.type(screen.getByLabelText('From'), '2026-11-19');
    await user.type(screen.getByLabelText('To'), '2026-11-20');

    expect(path()).toBe(`/system/audit?user=${carol.id}&by=${dora.id}&action=account_locked&from=2026-11-19&to=2026-11-20`);
    await waitFor(() =>
      expect(Object.fromEntries(asked.at(-1) ?? [])).toEqual({
        actor_id: dora.id,
        user_id: carol.id,
        action: 'account_locked',
        from: '2026-11-19T05:00:00.000Z',
        to: '2026-11-21T05:00:00.000Z',
        limit: '50',
      }),
    );
    await user.click(screen.getByRole('button', { name: 'Clear' }));
    expect(path()).toBe('/system/audit');
  });

  it('says when nothing like that has happened', async () => {
    server.use(...['auth', 'users', 'devices', 'monitoring'].map((service) => http.get(`/api/${service}/audit`, none)));
    renderApp('/system/audit?device=gone');

    expect(await screen.findByRole('heading', { name: 'Nothing is on record' })).toBeVisible();
    expect(screen.getByText(/Clear a filter to see more/)).toBeVisible();
  });
});
