import { CircleCheck, Download } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
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
import { useImport, usePreview, type ImportedLine, type Importer } from '../api/imports';
import { failedOf, linesOf, problemOf, readFile, type ImportFile } from '../importFile';

interface Props<Line extends ImportedLine> {
  importer: Importer<Line>;
  title: string;
  description: string;
  /** Address of the file with header and example. */
  template: string;
  /** What the lines of a file mean. */
  rules: string;
  /** What a line is called, one and several. */
  words: readonly [one: string, several: string];
  /** What is counted: each label with a result of lines. */
  counts: readonly (readonly [label: string, result: Line['result']])[];
  /** Results in a preview of lines that are worth importing. */
  changing: readonly Line['result'][];
  /** Says which line it is. */
  column: Column<Line>;
  /** What else is to be said about the lines. */
  note?: (lines: readonly Line[]) => ReactNode;
}

/** A page that imports a CSV file: it is checked first, then imported part by part. */
export function Import<Line extends ImportedLine>(props: Props<Line>) {
  const { importer, title, description, template, rules } = props;
  const preview = usePreview(importer);
  const [file, setFile] = useState<ImportFile | null>(null);
  const [planned, setPlanned] = useState<readonly Line[]>([]);
  const cancel = useRef<AbortController>(null);
  useEffect(() => () => cancel.current?.abort(), []);

  async function choose(chosen: File) {
    cancel.current?.abort();
    const { signal } = (cancel.current = new AbortController());
    preview.reset();
    setPlanned([]);
    const read = await readFile(chosen);
    if (signal.aborted) return;

    setFile(read);
    preview.mutate({ file: read, signal, onDone: (lines) => !signal.aborted && setPlanned((before) => [...before, ...lines]) });
  }

  return (
    <>
      <PageHeader
        title={title}
        description={description}
        actions={
          <a href={template} download className={buttonStyle()}>
            <Download aria-hidden="true" className="size-4" />
            Template
          </a>
        }
      />
      <div className="grid gap-5">
        <Section title="File" description={rules}>
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
          <div aria-live="polite" className="mt-4 grid gap-3 text-sm text-ink-soft empty:mt-0">
            {preview.isPending && file && (
              <>
                <p>Checking {file.name}…</p>
                {planned.length > 0 && (
                  <Progress label="Check" done={planned.length} total={linesOf(file).length} what="checked" />
                )}
              </>
            )}
          </div>
          {preview.error && <Banner tone="alert">{problemText(preview.error)}</Banner>}
        </Section>
        {file && preview.isSuccess && <Lines key={preview.submittedAt} {...props} file={file} planned={planned} />}
      </div>
    </>
  );
}

function Progress({ label, done, total, what }: { label: string; done: number; total: number; what: string }) {
  return (
    <>
      <progress aria-label={label} value={done} max={total} className="h-2 w-full accent-accent" />
      <p className="text-ink-soft">
        {formatNumber(done)} of {formatNumber(total)} are {what}.
      </p>
    </>
  );
}

interface LinesProps<Line extends ImportedLine> extends Props<Line> {
  file: ImportFile;
  planned: readonly Line[];
}

/** What an import would do, does and has done with the lines of a file. */
function Lines<Line extends ImportedLine>({ importer, words, counts, changing, column, note, file, planned }: LinesProps<Line>) {
  const run = useImport(importer);
  const [done, setDone] = useState<ReadonlyMap<number, Line>>(new Map());
  const cancel = useRef<AbortController>(null);
  useUnsaved(run.isPending);
  useEffect(() => () => cancel.current?.abort(), []);

  const pending = planned.filter(({ line, result }) => changing.includes(result) && !done.has(line));
  const lines = useMemo(() => planned.map((line) => done.get(line.line) ?? line), [planned, done]);
  const failed = useMemo(() => lines.filter(({ result }) => result === 'failed'), [lines]);
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
  const what = `${done.size > 0 ? 'the other ' : ''}${formatNumber(pending.length)} ${words[pending.length === 1 ? 0 : 1]}`;
  const keptFocus = useKeptFocus<HTMLDivElement>(run.isPending, () => document.getElementById('content'));
  const columns = useMemo(
    (): Column<Line>[] => [
      { header: 'Line', className: 'w-20 max-sm:w-16', cell: ({ line }) => formatNumber(line) },
      column,
      {
        header: 'Problem',
        cell: ({ errors }) =>
          errors.map((error) => (
            <span key={`${error.column} ${error.message}`} className="block wrap-anywhere">
              {problemOf([error])}
            </span>
          )),
      },
    ],
    [column],
  );

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
                  {run.isPending ? 'Importing…' : pending.length === 0 ? 'Imported' : `Import ${what}`}
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
          {counts.map(([label, result]) => (
            <div key={result}>
              <dt className="text-sm text-ink-soft">{label}</dt>
              <dd className="text-2xl font-semibold tabular-nums">
                {formatNumber(lines.filter((line) => line.result === result).length)}
              </dd>
            </div>
          ))}
        </dl>
        <div aria-live="polite" className="mt-4 grid gap-3 text-sm empty:mt-0">
          {run.isPending && <Progress label="Import" done={done.size} total={total} what="imported" />}
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
          {note?.(lines)}
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
