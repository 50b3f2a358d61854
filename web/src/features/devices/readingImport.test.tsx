import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';
import { violations } from '@/testing/axe';
import { renderApp } from '@/testing/renderApp';
import { asAdmin, held, server } from '@/testing/server';

const url = '/api/monitoring/readings/import';

/** Lines of a file whose values say what becomes of them. */
const results: Record<string, string> = { '1': 'stored', '2': 'duplicate', '3': 'quarantined', '-1': 'failed' };

const linesOf = (text: string) =>
  text
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((row, index) => {
      const result = results[row.split(',')[2] ?? ''] ?? 'failed';
      const message = 'A value below zero is not accepted: -1 kWh.';
      return {
        line: index + 2,
        device_id: null,
        timestamp: row.split(',')[1],
        result,
        errors: result === 'failed' ? [{ column: 'measurement_value', message }] : [],
      };
    });

const answered = (text: string) =>
  HttpResponse.json({ preview: true, stored: 0, duplicates: 0, quarantined: 0, failed: 0, lines: linesOf(text) });

const fileOf = (...values: number[]) =>
  new File(
    [['device_id,timestamp,measurement_value', ...values.map((one) => `d1,2026-03-29T00:50:00Z,${one}`)].join('\n')],
    'year.csv',
  );

async function choose(file: File) {
  const app = renderApp('/devices/import/readings');
  await app.user.upload(await screen.findByLabelText('CSV file'), file);
  return app;
}

const counts = () => screen.getAllByRole('definition').map(({ textContent }) => textContent);

beforeEach(() => server.use(asAdmin));

describe('importing readings', () => {
  it('checks a long file part by part with progress, and imports what is new part by part', async () => {
    const sent: [preview: string | null, lines: number][] = [];
    const gates = [held(), held()];
    server.use(
      http.post(url, async ({ request }) => {
        const text = await request.text();
        sent.push([new URL(request.url).searchParams.get('preview'), linesOf(text).length]);
        if (sent.length === 2) await gates[0]?.until;
        if (sent.length === 4) await gates[1]?.until;
        return answered(text);
      }),
    );
    const { user } = await choose(fileOf(-1, 2, 3, ...Array.from({ length: 5500 }, () => 1)));

    expect(await screen.findByText('5,000 of 5,503 are checked.')).toBeVisible();
    expect(screen.getByRole('progressbar', { name: 'Check' })).toHaveAttribute('value', '5000');
    expect(screen.queryByRole('button', { name: /^Import/ })).not.toBeInTheDocument();
    gates[0]?.letGo();

    const table = await screen.findByRole('table', { name: 'Lines with problems' });
    expect(within(table).getAllByRole('row')[1]).toHaveTextContent(
      '22026-03-29 00:50:00measurement_value: A value below zero is not accepted: -1 kWh.',
    );
    expect(counts()).toEqual(['5,500', '1', '1', '1']);
    expect(screen.getByText(/^A register reading doesn’t continue/)).toBeVisible();
    expect(screen.getByRole('link', { name: 'quarantine' })).toHaveAttribute(
      'href',
      '/system/quarantine?reason=register_unclear',
    );
    expect(screen.getByRole('link', { name: 'Template' })).toHaveAttribute('href', `${url}/template`);
    expect(await violations()).toEqual([]);

    await user.click(screen.getByRole('button', { name: 'Import 5,501 readings' }));
    expect(await screen.findByText('1,000 of 5,501 are imported.')).toBeVisible();
    gates[1]?.letGo();
    expect(await screen.findByText('The import is finished.')).toBeVisible();
    expect(counts()).toEqual(['5,500', '1', '1', '1']);
    expect(sent).toEqual([
      ['true', 5000],
      ['true', 503],
      ['false', 1000],
      ['false', 1000],
      ['false', 1000],
      ['false', 1000],
      ['false', 1000],
      ['false', 501],
    ]);
  });

  it('forgets a file that is still checked when another one is chosen', async () => {
    const gate = held();
    let count = 0;
    server.use(
      http.post(url, async ({ request }) => {
        const text = await request.text();
        if (++count === 2) await gate.until;
        return answered(text);
      }),
    );
    const { user } = await choose(fileOf(...Array.from({ length: 5500 }, () => 1)));
    await screen.findByText('5,000 of 5,500 are checked.');
    await user.upload(screen.getByLabelText('CSV file'), fileOf(1, 2));

    expect(await screen.findByRole('button', { name: 'Import 1 reading' })).toBeVisible();
    gate.letGo();
    expect(counts()).toEqual(['1', '1', '0', '0']);
  });

  it('is found beside the import of devices', async () => {
    const { user } = renderApp('/devices/import');
    await user.click(within(await screen.findByRole('navigation', { name: 'Import' })).getByRole('link', { name: 'Readings' }));

    expect(await screen.findByRole('heading', { name: 'Import readings' })).toBeVisible();
  });
});
