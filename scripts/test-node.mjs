// Runs the tests on another Node version, in a copy of the tree: node scripts/test-node.mjs 24
// The newest better-sqlite3 has binaries for Node 22 and later; the pinned one is for Node 20.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SQLITE = '13.2.0';
const version = process.argv[2] ?? '24';
const root = fileURLToPath(new URL('..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), `roomd-node${version}-`));
try {
  cpSync(root, copy, {
    recursive: true,
    filter: (path) => !/\/(\.git|node_modules|dist|coverage)(\/|$)/.test(path.slice(root.length - 1)),
  });
  execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: copy, stdio: 'inherit' });
  execFileSync('npm', ['install', '--no-save', '--ignore-scripts', '--force', `better-sqlite3@${SQLITE}`], {
    cwd: copy,
    stdio: 'inherit',
  });
  const run = spawnSync('npx', ['-y', `node@${version}`, 'scripts/build.mjs'], {
    cwd: copy,
    stdio: 'inherit',
  });
  if (run.status !== 0) throw new Error('the build failed');
  const tests = spawnSync('npx', ['-y', `node@${version}`, 'scripts/test.mjs'], {
    cwd: copy,
    stdio: 'inherit',
  });
  process.exitCode = tests.status ?? 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
