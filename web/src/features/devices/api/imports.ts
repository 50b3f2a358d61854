import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { answer, devices, monitoring, type Answer, type DevicesPaths, type MonitoringPaths } from '@/api/client';
import { invalidate, keys } from '@/lib/queryKeys';
import { linesOf, partOf, type ImportFile, type LineError } from '../importFile';
import { renewDevices } from './registry';

/** What an import does with a line. */
export interface ImportedLine {
  line: number;
  result: string;
  errors: LineError[];
}

/** How files of one kind are imported. */
export interface Importer<Line extends ImportedLine> {
  send: (body: ArrayBuffer | string, preview: 'true' | 'false', signal: AbortSignal) => Promise<Line[]>;
  /** So many lines are checked at once. */
  checkedAtOnce: number;
  /** So many lines are imported at once: few enough to show progress, and to be cancelled soon. */
  importedAtOnce: number;
  /** Asks again for what an import has changed. */
  renew: (client: QueryClient) => Promise<unknown>;
}

// The bytes of a file as they are, so that the service notices another encoding.
const sending = (body: ArrayBuffer | string, preview: 'true' | 'false', signal: AbortSignal) => ({
  params: { query: { preview } },
  body: body as string,
  bodySerializer: (text: string) => text,
  headers: { 'Content-Type': 'text/csv' },
  signal,
});

export type ImportedDevice = Answer<DevicesPaths['/api/devices/import']['post']>['lines'][number];

export const deviceImporter: Importer<ImportedDevice> = {
  send: async (...sent) => (await answer(devices.POST('/api/devices/import', sending(...sent)))).lines,
  // Errors that concern several lines are found in the whole file only.
  checkedAtOnce: Infinity,
  importedAtOnce: 200,
  renew: (client) => Promise.all([renewDevices(client), invalidate(client, keys.mappings)]),
};

export type ImportedReading = Answer<MonitoringPaths['/api/monitoring/readings/import']['post']>['lines'][number];

export const readingImporter: Importer<ImportedReading> = {
  send: async (...sent) => (await answer(monitoring.POST('/api/monitoring/readings/import', sending(...sent)))).lines,
  checkedAtOnce: 5000,
  importedAtOnce: 1000,
  renew: (client) =>
    invalidate(
      client,
      ...[
        keys.alerts,
        keys.consumption,
        keys.forecast,
        keys.ledger,
        keys.quarantine,
        keys.quarantineSummary,
        keys.readings,
        keys.reporting,
      ],
    ),
};

interface Run<Line> {
  file: ImportFile;
  signal: AbortSignal;
  /** Gets what becomes of some more lines. */
  onDone: (lines: Line[]) => void;
}

/** Sends these lines of a file part by part. Returns whether that was cancelled. */
async function inParts<Line extends ImportedLine>(
  { send }: Importer<Line>,
  { file, signal, onDone }: Run<Line>,
  lines: readonly number[],
  atOnce: number,
  preview: 'true' | 'false',
) {
  try {
    for (let start = 0; start < lines.length && !signal.aborted; start += atOnce) {
      const part = lines.slice(start, start + atOnce);
      const done = await send(partOf(file, part), preview, signal);
      if (done.length !== part.length) throw new Error(`${part.length} lines were sent, and ${done.length} were answered.`);
      // The service counts the lines of the part.
      onDone(done.map((line, index) => ({ ...line, line: part[index] ?? line.line })));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }

  return signal.aborted;
}

/** Finds out what an import would do with each line of a file; a long one part by part. */
export const usePreview = <Line extends ImportedLine>(importer: Importer<Line>) =>
  useMutation({
    mutationFn: async (run: Run<Line>) => {
      const lines = linesOf(run.file);
      if (lines.length <= importer.checkedAtOnce) run.onDone(await importer.send(run.file.bytes, 'true', run.signal));
      else await inParts(importer, run, lines, importer.checkedAtOnce, 'true');
    },
  });

/** Imports these lines of a file, part by part. What is imported stays when it is cancelled or fails. Returns whether it was cancelled. */
export function useImport<Line extends ImportedLine>(importer: Importer<Line>) {
  const client = useQueryClient();

  return useMutation({
    mutationFn: ({ lines, ...run }: Run<Line> & { lines: readonly number[] }) =>
      inParts(importer, run, lines, importer.importedAtOnce, 'false'),
    onSettled: () => importer.renew(client),
  });
}
