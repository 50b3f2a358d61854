/** A CSV file with its records as they stand in it, by the line that each starts in; the first is the header. */
export interface ImportFile {
  name: string;
  bytes: ArrayBuffer;
  records: ReadonlyMap<number, string>;
}

// The service leaves out lines whose cells are all empty, as spreadsheets write them.
const isEmpty = (record: string) => /^[\s,;"]*$/.test(record);

/** Splits a file at the line breaks that aren't in quotes. Lines without any content are left out. */
export function recordsOf(text: string): Map<number, string> {
  const records = new Map<number, string>();
  let [start, line, first, quoted] = [0, 1, 1, false];

  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') quoted = !quoted;
    if (character !== '\n' && !(character === '\r' && text[at + 1] !== '\n')) continue;

    line++;
    if (quoted) continue;
    if (!isEmpty(text.slice(start, at))) records.set(first, text.slice(start, at).replace(/\r$/, ''));
    [start, first] = [at + 1, line];
  }
  if (!isEmpty(text.slice(start))) records.set(first, text.slice(start));

  return records;
}

export async function readFile(file: File): Promise<ImportFile> {
  const bytes = await file.arrayBuffer();
  return { name: file.name, bytes, records: recordsOf(new TextDecoder().decode(bytes)) };
}

/** The lines below the header. */
export const linesOf = ({ records }: ImportFile) => [...records.keys()].slice(1);

/** These lines with the header, as a file of their own. */
export const partOf = ({ records }: ImportFile, lines: readonly number[]) =>
  [header(records), ...lines.map((line) => records.get(line) ?? '')].join('\r\n') + '\r\n';

/** The lines that failed as they stand in the file, each with why. It can be corrected and imported: the column `error` is ignored. */
export function failedOf({ records }: ImportFile, failed: readonly { line: number; errors: readonly LineError[] }[]) {
  const names = header(records);
  const separator = [',', ';', '\t'].toSorted((a, b) => names.split(b).length - names.split(a).length)[0];

  return [
    `${names}${separator}error\r\n`,
    ...failed.map(({ line, errors }) => `${records.get(line)}${separator}"${problemOf(errors).replaceAll('"', '""')}"\r\n`),
  ].join('');
}

/** What is wrong with a line. */
export interface LineError {
  column: string | null;
  message: string;
}

/** What is wrong with a line, in one text. */
export const problemOf = (errors: readonly LineError[]) =>
  errors.map(({ column, message }) => (column === null ? message : `${column}: ${message}`)).join(' ');

const header = (records: ReadonlyMap<number, string>) => records.values().next().value ?? '';
