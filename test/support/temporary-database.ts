import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { Database } from '../../src/storage/database.ts';
import { openDatabase } from '../../src/storage/open-database.ts';

export interface TemporaryDatabase {
  readonly database: Database;
  /** The file, in a folder of its own. */
  readonly path: string;
  /** Closes the database and removes the folder. */
  readonly close: () => Promise<void>;
}

/** A new, migrated database in a temporary folder; one reader starts faster than two. */
export async function temporaryDatabase({
  clock = systemClock(),
  readers = 1,
}: {
  clock?: Clock;
  readers?: number;
} = {}): Promise<TemporaryDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'roomd-database-'));
  const path = join(folder, 'roomd.db');
  const database = await openDatabase({ path, readers, clock, logger: silentLogger });
  return {
    database,
    path,
    close: async () => {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
