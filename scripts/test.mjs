// Runs the tests and closes with the line that counts: "N passed, N failed".
// With --release it runs those that take long, *.release.test.ts, and without it all others.
// What was skipped is named, so that a missing fixture folder or system package is seen.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [first, ...others] = process.argv.slice(2);
const isRelease = first === '--release';
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'roomd-test-'));
const report = join(folder, 'report.json');
const run = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...(isRelease
      ? ['release.test', ...others]
      : ['--exclude', '**/*.release.test.ts', ...process.argv.slice(2)]),
  ],
  { cwd: root, stdio: 'inherit' },
);
let totals = { passed: 0, failed: 1, skipped: 0, names: [] };
try {
  const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  const brokenFiles = numFailedTests === 0 ? numFailedTestSuites : 0;
  totals = {
    passed: numPassedTests,
    failed: numFailedTests + brokenFiles,
    skipped: numPendingTests,
    names: testResults.flatMap(({ assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'skipped' || status === 'pending')
        .map(({ fullName }) => fullName),
    ),
  };
} catch {
  console.error('the test runner left no report');
}
rmSync(folder, { recursive: true, force: true });
for (const name of totals.names) console.log(`skipped: ${name}`);
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = run.status === 0 && totals.failed === 0 ? 0 : 1;
