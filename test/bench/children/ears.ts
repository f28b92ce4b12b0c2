import { withEars } from '../faults/ears.ts';

/** Receives posts on a folder that lasts, until it is killed; says its port. */
await withEars(
  async ({ port }) => {
    process.stdout.write(`${port}\n`);
    await new Promise((resolve) => process.once('SIGTERM', resolve));
  },
  { folder: process.argv[2] ?? '' },
);
process.exitCode = 0;
