// Node 20 does not read TypeScript, and vitest's own transform does not reach the worker threads that tests
// start by the hundred. Each entry is bundled once a process: a thread then starts in a tenth of the time that
// reading its files through a loader takes.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { register, syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import threads from 'node:worker_threads';
import { build } from 'rolldown';

const ENTRIES = ['storage/worker.ts', 'macros/javascript/worker.ts'].map(
  (path) => new URL(`../../src/${path}`, import.meta.url).href,
);
// Beside the packages that the bundles import.
const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/roomd-workers/', import.meta.url));

if (threads.isMainThread) {
  const bundles = new Map(await Promise.all(ENTRIES.map(async (entry) => [entry, await bundled(entry)])));
  threads.Worker = class extends threads.Worker {
    constructor(url, options) {
      const bundle = bundles.get(String(url));
      super(bundle ?? url, bundle === undefined ? options : { ...options, execArgv: [] });
    }
  };
  syncBuiltinESMExports();
  if (process.argv[1]?.endsWith('.ts') && !process.features.typescript)
    register('./typescript-loader.mjs', import.meta.url);
}

/** The file of a bundle; another process may write the same at the same time. */
async function bundled(entry) {
  const { output } = await build({
    input: fileURLToPath(entry),
    platform: 'node',
    external: /^[^./]/,
    write: false,
    output: { format: 'esm', sourcemap: 'inline' },
  });
  mkdirSync(FOLDER, { recursive: true });
  const name = `${ENTRIES.indexOf(entry)}.mjs`;
  writeFileSync(`${FOLDER}${process.pid}-${name}`, output[0].code);
  renameSync(`${FOLDER}${process.pid}-${name}`, `${FOLDER}${name}`);
  return `${FOLDER}${name}`;
}
