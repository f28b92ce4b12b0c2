import { expect, it } from 'vitest';
import { withMetrics } from '../../scripts/docs-metrics.mjs';
import { runDaemon } from '../support/world.ts';
import { document } from './documents.ts';

const TEXT = document('docs/metrics.md');

it('docs/metrics.md tells of the metrics there are; npm run build && node scripts/docs-metrics.mjs makes it so', async () => {
  const { daemon } = await runDaemon(
    'version: 1\ndaemon: { listen: "127.0.0.1:0", feedback: { listen: "127.0.0.1:0" } }\ndevices: []\n',
  );
  expect(TEXT).toBe(withMetrics(TEXT, daemon.registry));
  expect(TEXT.match(/^\| `roomd_/gm)?.length).toBeGreaterThan(40);
});
