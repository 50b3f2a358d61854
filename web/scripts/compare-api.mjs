// Compares docs/openapi with the documents of the last release, in docs/openapi/released/v1; a breaking change fails.
import { readdir, readFile } from 'node:fs/promises';
import { breakingChanges } from './breaking.mjs';

const documents = new URL('../../docs/openapi/', import.meta.url);
const released = new URL('released/v1/', documents);
const read = async (folder, name) => JSON.parse(await readFile(new URL(name, folder), 'utf8'));

const names = (await readdir(released)).filter((name) => name.endsWith('.json')).sort();
for (const name of names) {
  for (const change of breakingChanges(await read(released, name), await read(documents, name))) {
    console.error(`${name}: ${change}`);
    process.exitCode = 1;
  }
}

if (names.length === 0) throw new Error('docs/openapi/released/v1 has no documents.');
if (process.exitCode) console.error('Breaking changes of the API; CONTRIBUTING.md says what to do with one that is meant.');
else console.log(`${names.length} OpenAPI documents break nothing that is released.`);
