// Lints the OpenAPI documents in docs/openapi with Redocly's recommended rules, without its command line and the telemetry of that; any error or warning fails.
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createConfig, formatProblems, lint } from '@redocly/openapi-core';

const documents = new URL('../../docs/openapi/', import.meta.url);
// Events of a text/event-stream have schemas that nothing can refer to, so such components look unused.
const config = await createConfig({ extends: ['recommended-strict'], rules: { 'no-unused-components': 'off' } });
const names = (await readdir(documents)).filter((name) => name.endsWith('.json')).sort();
const problems = (await Promise.all(names.map((name) => lint({ ref: fileURLToPath(new URL(name, documents)), config })))).flat();

if (problems.length > 0) {
  formatProblems(problems, {
    format: process.stdout.isTTY ? 'codeframe' : 'stylish',
    totals: { errors: problems.length, warnings: 0, ignored: 0 },
    version: '',
    maxProblems: 200,
  });
  process.exitCode = 1;
} else {
  console.log(`${names.length} OpenAPI documents have no errors or warnings.`);
}
