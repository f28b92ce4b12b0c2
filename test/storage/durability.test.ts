import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { openDatabase } from '../../src/storage/open-database.ts';
import { startChild } from './child.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('every write that was acknowledged survives kill -9', async () => {
  const path = join(temporaryFolder(), 'roomd.db');
  const child = startChild('writes', path);
  await child.saidLines(500);
  await child.kill();

  const database = await openDatabase({ path, clock: systemClock(), logger: silentLogger });
  onTestFinished(() => database.close());
  const kept = await database.read(database.query.selectFrom('fact').select('name'));
  const names = new Set(kept.map(({ name }) => name));
  expect(child.lines.length).toBeGreaterThanOrEqual(500);
  // The last line may have been cut by the kill.
  expect(child.lines.slice(0, -1).filter((name) => !names.has(name))).toEqual([]);
});
