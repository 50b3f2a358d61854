import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, devices, type Answer, type DevicesPaths } from '@/api/client';
import { invalidate, keys } from '@/lib/queryKeys';
import { partOf, type ImportFile } from '../importFile';
import { renewDevices } from './registry';

type ImportAnswer = Answer<DevicesPaths['/api/devices/import']['post']>;
export type ImportedLine = ImportAnswer['lines'][number];

/** So many lines are sent at once: few enough to show progress, and to be cancelled soon. */
const linesAtOnce = 200;

// The bytes of a file as they are, so that the service notices another encoding.
const send = (file: ArrayBuffer | string, preview: 'true' | 'false', signal?: AbortSignal) =>
  answer(
    devices.POST('/api/devices/import', {
      params: { query: { preview } },
      body: file as string,
      bodySerializer: (body: string) => body,
      headers: { 'Content-Type': 'text/csv' },
      ...(signal && { signal }),
    }),
  );

/** What an import would do with each line of a file. */
export const usePreview = () => useMutation({ mutationFn: async ({ bytes }: ImportFile) => (await send(bytes, 'true')).lines });

interface Import {
  file: ImportFile;
  lines: readonly number[];
  signal: AbortSignal;
  /** Gets what was done with some more lines. */
  onDone: (lines: ImportedLine[]) => void;
}

/** Imports these lines of a file, part by part. What is imported stays when it is cancelled or fails. Returns whether it was cancelled. */
export function useImport() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: async ({ file, lines, signal, onDone }: Import) => {
      try {
        for (let start = 0; start < lines.length && !signal.aborted; start += linesAtOnce) {
          const part = lines.slice(start, start + linesAtOnce);
          const done = (await send(partOf(file, part), 'false', signal)).lines;
          // The service counts the lines of the part.
          onDone(done.map((line, index) => ({ ...line, line: part[index] ?? line.line })));
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }

      return signal.aborted;
    },
    onSettled: () => Promise.all([renewDevices(client), invalidate(client, keys.mappings)]),
  });
}
