// Writes the table in docs/metrics.md: npm run build && node scripts/docs-metrics.mjs
// It opens a daemon that is never started and asks what its parts declared. A test in test/docs
// keeps the table equal to the metrics as they are. All else on the page is written by hand.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BLOCK = /<!-- metrics (\S+) \(made by [^)]*\) -->\n[\s\S]*?<!-- end of metrics -->/g;
const HEAD = '| metric | type | labels | means |\n|---|---|---|---|';

/** The page with its tables made anew; `registry` is one of prom-client that every part has declared its metrics on. */
export function withMetrics(document, registry) {
  const marks = [...document.matchAll(BLOCK)].map(([, prefix]) => prefix);
  if (marks.length === 0) throw new Error('docs/metrics.md lacks the marks around its tables');
  const metrics = registry
    .getMetricsAsArray()
    .map(({ name, help, type, labelNames = [] }) => ({ name, help, type, labels: [...labelNames] }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return document.replaceAll(BLOCK, (_block, prefix) => {
    const rows = metrics.filter(({ name }) => marks.find((mark) => name.startsWith(mark)) === prefix);
    return `<!-- metrics ${prefix} (made by scripts/docs-metrics.mjs from the registrations) -->\n\n${[HEAD, ...rows.map(rowOf)].join('\n')}\n\n<!-- end of metrics -->`;
  });
}

function rowOf({ name, type, labels, help }) {
  const shown = labels
    .filter((label) => label !== 'le')
    .map((label) => `\`${label}\``)
    .join(', ');
  return `| \`${name}\` | ${type} | ${shown} | ${help.replace(/\.$/, '').replaceAll('|', '\\|')} |`;
}

/** The metrics of a daemon for an empty house. */
async function registryOf() {
  const dist = new URL('../dist/', import.meta.url);
  const load = (path) => import(new URL(path, dist).href);
  const [{ openDaemon }, { systemClock }, { seededRandom, uuidv7 }, { silentLogger }] = await Promise.all(
    ['daemon/start.js', 'lib/clock.js', 'lib/random.js', 'lib/logger.js'].map(load),
  );
  const folder = mkdtempSync(join(tmpdir(), 'roomd-metrics-'));
  try {
    const file = join(folder, 'fleet.yaml');
    writeFileSync(file, 'version: 1\ndevices: []\n');
    const clock = systemClock();
    const random = seededRandom(1);
    const daemon = await openDaemon(
      {
        file,
        overrides: {},
        secrets: { env: () => undefined, readFile: () => Promise.reject(new Error('none')) },
      },
      '0',
      { clock, random, newId: uuidv7(clock), logger: silentLogger },
      new AbortController().signal,
    );
    await daemon.stop();
    return daemon.registry;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = fileURLToPath(new URL('../docs/metrics.md', import.meta.url));
  writeFileSync(path, withMetrics(readFileSync(path, 'utf8'), await registryOf()));
}
