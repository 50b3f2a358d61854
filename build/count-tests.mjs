// Adds up the results of every suite and prints the line that CI reads: "N passed, N failed, N skipped".
// The slowest tests, and those that failed with the beginning of the reason, come before it. A folder without a result counts as a failure, so that a suite that never ran can't pass.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const mostReasonLines = 15;
const mostReasonColumns = 400;
const times = [];

/** Finds every element of a name, each as a function that reads its attributes. */
const elements = (text, element) =>
  [...text.matchAll(new RegExp(`<${element} ([^>]*)>`, 'g'))].map(([, found]) => (name) => new RegExp(`\\b${name}="([^"]*)"`).exec(found)?.[1] ?? '');

/** A test's name as it was written. */
const plain = (name) => name.replaceAll('&quot;', '"').replaceAll('&apos;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** Seconds of "00:01:02.3456789". */
const seconds = (duration) => duration.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);

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
      times.push(...elements(text(), 'UnitTestResult').map((test) => ({ name: test('testName'), took: seconds(test('duration')) })));
      failures.push(
        ...[...text().matchAll(/<UnitTestResult [^>]*testName="([^"]*)"[^>]*outcome="Failed"[^>]*>[\s\S]*?<\/UnitTestResult>/g)].map(([result, name]) => ({
          name,
          reason: /<ErrorInfo>[\s\S]*?<\/ErrorInfo>/.exec(result)?.[0] ?? '',
        })),
      );
    } else if (file.endsWith('.xml')) {
      const count = attributes(text(), 'testsuites');
      const skipped = text().split('<skipped').length - 1;
      const failed = count('failures') + count('errors');
      total.passed += count('tests') - failed - skipped;
      total.failed += failed;
      times.push(...elements(text(), 'testcase').map((test) => ({ name: `${test('classname')}: ${test('name')}`, took: Number(test('time')) })));
      failures.push(
        ...[...text().matchAll(/<testcase [^>]*name="([^"]*)"[^>]*>\s*(<(?:failure|error)[^>]*>[\s\S]*?<\/)/g)].map(([, name, reason]) => ({ name, reason })),
      );
      total.skipped += skipped;
    }
  }

  if (total.passed + total.failed === before) {
    console.error(`No test results in ${folder}.`);
    total.failed += 1;
  }
}

const slowest = times.sort((one, other) => other.took - one.took).slice(0, 20);
if (slowest.length > 0) console.log('The slowest tests, in seconds:');
for (const { name, took } of slowest) console.log(`${took.toFixed(1).padStart(7)}  ${plain(name)}`);

for (const { name, reason } of failures) {
  console.log(`failed: ${plain(name)}`);
  const lines = plain(reason.replace(/<[^>]*>/g, '\n')).split('\n');
  for (const line of lines.filter((line) => line.trim()).slice(0, mostReasonLines)) console.log(`  ${line.slice(0, mostReasonColumns)}`);
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
