import { CircleCheck, Download } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Banner } from '@/components/ui/Banner';
import { Button, buttonStyle } from '@/components/ui/Button';
import { DataTable, type Column } from '@/components/ui/DataTable';
import { Field } from '@/components/ui/Field';
import { PageHeader } from '@/components/ui/PageHeader';
import { Section } from '@/components/ui/Section';
import { useUnsaved } from '@/components/ui/unsaved';
import { download } from '@/lib/download';
import { problemText } from '@/lib/formProblem';
import { formatNumber } from '@/lib/intl';
import { useKeptFocus } from '@/lib/useKeptFocus';
import { useImport, usePreview, type ImportedLine } from '../api/imports';
import { failedOf, problemOf, readFile, type ImportFile } from '../importFile';

/** `/devices/import`: many devices with their users from a CSV file. */
export function Component() {
  const preview = usePreview();
  const [file, setFile] = useState<ImportFile | null>(null);

  async function choose(chosen: File) {
    preview.reset();
    const read = await readFile(chosen);
    setFile(read);
    preview.mutate(read);
  }

  return (
    <>
      <PageHeader
        title="Import devices"
        back={{ to: '/devices', label: 'Devices' }}
        description="New devices, changes of devices, and who sees them, from a CSV file."
        actions={
          <a href="/api/devices/import/template" download className={buttonStyle()}>
            <Download aria-hidden="true" className="size-4" />
            Template
          </a>
        }
      />
      <div className="grid gap-5">
        <Section
          title="File"
          description="A device is found by its external id. An empty cell changes nothing, and nobody loses a device. At most 5,000 lines, in UTF-8."
        >
          <Field label="CSV file" hint="Choose it, or drop it here. It is checked first, and nothing is written.">
            {(wiring) => (
              <input
                {...wiring}
                type="file"
                accept=".csv,.tsv,.txt,text/csv"
                className="w-full rounded-xl border border-dashed border-line bg-sunken p-6 text-sm file:mr-4 file:h-10 file:cursor-pointer file:rounded-xl file:border-0 file:bg-accent file:px-4 file:font-semibold file:text-on-accent"
                // The same file can be chosen again after it was corrected.
                onClick={(event) => (event.currentTarget.value = '')}
                onChange={(event) => {
                  const chosen = event.target.files?.[0];
                  if (chosen) void choose(chosen);
                }}
              />
            )}
          </Field>
          <div aria-live="polite" className="mt-4 text-sm text-ink-soft empty:mt-0">
            {preview.isPending && `Checking ${file?.name ?? ''}…`}
          </div>
          {preview.error && <Banner tone="alert">{problemText(preview.error)}</Banner>}
        </Section>
        {file && preview.data && <Lines key={preview.submittedAt} file={file} planned={preview.data} />}
      </div>
    </>
  );
}

const columns: Column<ImportedLine>[] = [
  { header: 'Line', className: 'w-20 max-sm:w-16', cell: ({ line }) => formatNumber(line) },
  {
    header: 'External id',
    className: 'w-44 max-sm:w-28',
    cell: ({ external_id }) => <span className="block wrap-anywhere">{external_id ?? '–'}</span>,
  },
  {
    header: 'Problem',
    cell: ({ errors }) =>
      errors.map((error) => (
        <span key={`${error.column} ${error.message}`} className="block wrap-anywhere">
          {problemOf([error])}
        </span>
      )),
  },
];

/** What an import would do, does and has done with the lines of a file. */
function Lines({ file, planned }: { file: ImportFile; planned: readonly ImportedLine[] }) {
  const run = useImport();
  const [done, setDone] = useState<ReadonlyMap<number, ImportedLine>>(new Map());
  const cancel = useRef<AbortController>(null);
  useUnsaved(run.isPending);
  useEffect(() => () => cancel.current?.abort(), []);

  const pending = planned.filter(({ line, result }) => (result === 'created' || result === 'updated') && !done.has(line));
  const lines = useMemo(() => planned.map((line) => done.get(line.line) ?? line), [planned, done]);
  const failed = useMemo(() => lines.filter(({ result }) => result === 'failed'), [lines]);
  const count = (result: ImportedLine['result']) => formatNumber(lines.filter((line) => line.result === result).length);
  const isOver = pending.length === 0 && done.size > 0;

  function start() {
    cancel.current = new AbortController();
    run.mutate({
      file,
      lines: pending.map(({ line }) => line),
      signal: cancel.current.signal,
      onDone: (more) => setDone((before) => new Map([...before, ...more.map((line) => [line.line, line] as const)])),
    });
  }

  const total = pending.length + done.size;
  const whichDevices = `${done.size > 0 ? 'the other ' : ''}${formatNumber(pending.length)} ${pending.length === 1 ? 'device' : 'devices'}`;
  const keptFocus = useKeptFocus<HTMLDivElement>(run.isPending, () => document.getElementById('content'));

  return (
    <>
      <Section
        title={isOver ? 'Result' : 'Preview'}
        description={file.name}
        actions={
          total > 0 && (
            <div {...keptFocus} className="flex flex-wrap gap-2">
              <span>
                <Button tone="primary" busy={run.isPending} disabled={pending.length === 0} onClick={start}>
                  {run.isPending ? 'Importing…' : pending.length === 0 ? 'Imported' : `Import ${whichDevices}`}
                </Button>
              </span>
              {run.isPending && (
                <span>
                  <Button onClick={() => cancel.current?.abort()}>Cancel</Button>
                </span>
              )}
            </div>
          )
        }
      >
        <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4">
          {(
            [
              ['New', 'created'],
              ['Changed', 'updated'],
              ['Unchanged', 'unchanged'],
              ['With problems', 'failed'],
            ] as const
          ).map(([label, result]) => (
            <div key={result}>
              <dt className="text-sm text-ink-soft">{label}</dt>
              <dd className="text-2xl font-semibold tabular-nums">{count(result)}</dd>
            </div>
          ))}
        </dl>
        <div aria-live="polite" className="mt-4 grid gap-3 text-sm empty:mt-0">
          {run.isPending && (
            <>
              <progress aria-label="Import" value={done.size} max={total} className="h-2 w-full accent-accent" />
              <p className="text-ink-soft">
                {formatNumber(done.size)} of {formatNumber(total)} are imported.
              </p>
            </>
          )}
          {isOver && (
            <p className="flex items-center gap-2 font-semibold">
              <CircleCheck aria-hidden="true" className="size-4 text-accent" />
              The import is finished.
            </p>
          )}
          {run.data === true && <Banner tone="info">The import is cancelled. What was imported stays.</Banner>}
          {run.error && (
            <Banner tone="alert">{problemText(run.error)} What was imported stays, and can be imported again.</Banner>
          )}
          {planned.length === 0 && <p className="text-ink-soft">The file has no lines below its header.</p>}
          {planned.length > 0 && total === 0 && failed.length === 0 && (
            <p className="text-ink-soft">Everything is as in the file already.</p>
          )}
        </div>
      </Section>
      {failed.length > 0 && (
        <section aria-labelledby="problems">
          <header className="mb-3 flex flex-wrap items-center justify-between gap-3">
            <h2 id="problems" className="font-semibold">
              Lines with problems
            </h2>
            <Button onClick={() => download(`failed-${file.name}`, failedOf(file, failed))}>
              <Download aria-hidden="true" className="size-4" />
              These lines as CSV
            </Button>
          </header>
          <DataTable label="Lines with problems" columns={columns} rows={failed} rowKey={({ line }) => String(line)} />
        </section>
      )}
    </>
  );
}
