// Adds up the results of every suite and prints the line that CI reads: "N passed, N failed, N skipped".
// The names of the tests that failed come before it. A folder without a result counts as a failure, so that a suite that never ran can't pass.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

/** Reads the numbers among an element's attributes. */
function attributes(text, element) {
  const found = new RegExp(`<${element} ([^>]*)>`).exec(text)?.[1] ?? '';
  return (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(found)?.[1] ?? 0);
}

for (const folder of process.argv.slice(2)) {
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true }) : [];
  const before = total.passed + total.failed;

  for (const file of files) {
    const text = () => readFileSync(join(folder, file), 'utf8');
    if (file.endsWith('.trx')) {
      const count = attributes(text(), 'Counters');
      total.passed += count('passed');
      total.failed += count('failed') + count('error') + count('timeout') + count('aborted');
      total.skipped += count('total') - count('executed');
      failures.push(...[...text().matchAll(/<UnitTestResult [^>]*outcome="Failed"[^>]*>/g)].map(([result]) => /testName="([^"]*)"/.exec(result)?.[1]));
    } else if (file.endsWith('.xml')) {
      const count = attributes(text(), 'testsuites');
      const skipped = text().split('<skipped').length - 1;
      const failed = count('failures') + count('errors');
      total.passed += count('tests') - failed - skipped;
      total.failed += failed;
      failures.push(...[...text().matchAll(/<testcase [^>]*name="([^"]*)"[^>]*>\s*<(?:failure|error)/g)].map((test) => test[1]));
      total.skipped += skipped;
    }
  }

  if (total.passed + total.failed === before) {
    console.error(`No test results in ${folder}.`);
    total.failed += 1;
  }
}

for (const name of failures) console.log(`failed: ${name}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
