import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { violations } from '@/testing/axe';
import { renderApp } from '@/testing/renderApp';
import { asAdmin, held, problem, server } from '@/testing/server';

const url = '/api/devices/import';

type Result = 'created' | 'updated' | 'unchanged' | 'failed';

const lineOf = (line: number, external_id: string, result: Result, message?: string) => ({
  line,
  external_id,
  result,
  device_id: null,
  errors: message === undefined ? [] : [{ column: 'price', message }],
});

const answered = (lines: ReturnType<typeof lineOf>[]) =>
  HttpResponse.json({ preview: true, created: 0, updated: 0, unchanged: 0, failed: 0, lines });

/** Lines of a file whose external ids say what becomes of them: `n17` is new, `f3` fails. */
const results: Record<string, Result> = { n: 'created', c: 'updated', u: 'unchanged', f: 'failed' };

const answerTo = (text: string) =>
  text
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((row, index) => {
      const id = row.split(',')[0] ?? '';
      const result = results[id.charAt(0)] ?? 'failed';
      return lineOf(index + 2, id, result, result === 'failed' ? 'This is no number, such as 2.5.' : undefined);
    });

const fileOf = (...ids: string[]) => new File([['external_id,price', ...ids.map((id) => `${id},1`)].join('\n')], 'meters.csv');

async function choose(file: File) {
  const app = renderApp('/devices/import');
  await app.user.upload(await screen.findByLabelText('CSV file'), file);
  return app;
}

const counts = () => screen.getAllByRole('definition').map(({ textContent }) => textContent);

beforeEach(() =>
  server.use(
    asAdmin,
    http.get('/api/mappings', () => HttpResponse.json([])),
  ),
);

describe('importing devices', () => {
  it('checks the file first, and imports part by part what changes something', async () => {
    const sent: [preview: string | null, type: string | null, text: string][] = [];
    const gate = held();
    server.use(
      http.post(url, async ({ request }) => {
        const text = await request.text();
        const preview = new URL(request.url).searchParams.get('preview');
        sent.push([preview, request.headers.get('Content-Type'), text]);
        if (sent.length === 3) await gate.until;
        return answered(answerTo(text));
      }),
    );
    const ids = ['f1', 'u1', 'c1', ...Array.from({ length: 249 }, (_, index) => `n${index}`)];
    const { user } = await choose(fileOf(...ids));

    const table = await screen.findByRole('table', { name: 'Lines with problems' });
    expect(within(table).getAllByRole('row')[1]).toHaveTextContent('2f1price: This is no number, such as 2.5.');
    expect(counts()).toEqual(['249', '1', '1', '1']);
    expect(screen.getByRole('link', { name: 'Template' })).toHaveAttribute('href', `${url}/template`);
    expect(await violations()).toEqual([]);

    await user.click(screen.getByRole('button', { name: 'Import 250 devices' }));
    expect(await screen.findByText('200 of 250 are imported.')).toBeVisible();
    expect(screen.getByRole('progressbar', { name: 'Import' })).toHaveAttribute('value', '200');
    expect(await violations()).toEqual([]);
    gate.letGo();

    expect(await screen.findByText('The import is finished.')).toBeVisible();
    expect(counts()).toEqual(['249', '1', '1', '1']);
    expect(sent.map(([preview, type]) => [preview, type])).toEqual([
      ['true', 'text/csv'],
      ['false', 'text/csv'],
      ['false', 'text/csv'],
    ]);
    expect(sent[1]?.[2].split('\r\n')).toHaveLength(202);
    expect(sent[2]?.[2]).toMatch(/^external_id,price\r\nn199,1\r\n/);
    expect(sent.slice(1).map(([, , text]) => /[uf]1,/.test(text))).toEqual([false, false]);
    expect(screen.getByRole('button', { name: 'Imported' })).toHaveFocus();
  });

  it('tells which lines failed after all, and gives them back as a file', async () => {
    server.use(
      http.post(url, async ({ request }) => {
        const text = await request.text();
        return answered(
          request.url.endsWith('true') ? answerTo(text) : [lineOf(2, 'n1', 'created'), lineOf(3, 'n2', 'failed', 'Too much.')],
        );
      }),
    );
    const { user } = await choose(fileOf('n1', 'u1', 'n2'));
    await user.click(await screen.findByRole('button', { name: 'Import 2 devices' }));

    const table = await screen.findByRole('table', { name: 'Lines with problems' });
    expect(within(table).getAllByRole('row')[1]).toHaveTextContent('4n2price: Too much.');
    expect(counts()).toEqual(['1', '0', '1', '1']);

    const made = vi.fn<(file: Blob) => string>(() => 'blob:failed');
    Object.assign(URL, { createObjectURL: made, revokeObjectURL: vi.fn() });
    await user.click(screen.getByRole('button', { name: 'These lines as CSV' }));
    expect(await made.mock.calls[0]?.[0].text()).toContain('external_id,price,error\r\nn2,1,"price: Too much."');
  });

  it('can be cancelled and continued, and continues after a failure', async () => {
    const sent: string[] = [];
    let away = false;
    const gate = held();
    server.use(
      http.post(url, async ({ request }) => {
        const text = await request.text();
        if (request.url.endsWith('true')) return answered(answerTo(text));
        sent.push(text);
        if (sent.length === 2) await gate.until;
        return away ? problem(503, 'Service Unavailable', { detail: 'The database is away.' }) : answered(answerTo(text));
      }),
    );
    const { user } = await choose(fileOf(...Array.from({ length: 300 }, (_, index) => `n${index}`)));
    await user.click(await screen.findByRole('button', { name: 'Import 300 devices' }));
    await screen.findByText('200 of 300 are imported.');
    await user.click(screen.getByRole('button', { name: 'Cancel' }));

    expect(await screen.findByText('The import is cancelled. What was imported stays.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Import the other 100 devices' })).toHaveFocus();
    gate.letGo();
    away = true;
    await user.click(screen.getByRole('button', { name: 'Import the other 100 devices' }));
    expect(await screen.findByRole('alert')).toHaveTextContent(/^The database is away\. What was imported stays/);
    away = false;
    await user.click(screen.getByRole('button', { name: 'Import the other 100 devices' }));

    expect(await screen.findByText('The import is finished.')).toBeVisible();
    expect(counts()).toEqual(['300', '0', '0', '0']);
    expect(sent.slice(1)).toEqual([sent[1], sent[1], sent[1]]);
  });

  it('says why a file can’t be read, and takes the next one', async () => {
    server.use(http.post(url, () => problem(400, 'Bad Request', { detail: 'The column “limit” is not known.' })));
    const { user } = await choose(fileOf('n1'));

    expect(await screen.findByRole('alert')).toHaveTextContent('The column “limit” is not known.');
    expect(await violations()).toEqual([]);
    server.use(http.post(url, async ({ request }) => answered(answerTo(await request.text()))));
    await user.upload(screen.getByLabelText('CSV file'), fileOf('u1'));

    expect(await screen.findByText('Everything is as in the file already.')).toBeVisible();
    await waitFor(() => expect(screen.queryByRole('alert')).not.toBeInTheDocument());
  });
});
