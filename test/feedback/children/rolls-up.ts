import { rollUp } from '../../../src/feedback/utilisation/roll-up.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { openDatabase } from '../../../src/storage/open-database.ts';

/** Rolls up the database, and says so at each day that is done. */
const database = await openDatabase({
  path: process.argv[2] ?? '',
  clock: systemClock(),
  logger: silentLogger,
});
const until = Number(process.argv[3]);
const DAY_MS = 86_400_000;
const first = Date.UTC(2026, 5, 1);
for (let at = first + DAY_MS; at <= until; at += DAY_MS) {
  // Past the middle of a day: the kill comes while the next is under way.
  await rollUp(database, at);
  process.stdout.write(`${at}\n`);
}
