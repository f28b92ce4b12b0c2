import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { openDatabase } from '../../src/storage/open-database.ts';
import { startChild } from './child.ts';
import { contentOf, faultsOf, look, makeOlderDatabase } from './older-database.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('A database of an earlier roomd', () => {
  test('is opened by the program as its own', async () => {
    const path = join(temporaryFolder(), 'roomd.db');
    const before = makeOlderDatabase(path, 1);
    const database = await openDatabase({ path, readers: 1, clock: systemClock(), logger: silentLogger });
    onTestFinished(() => database.close());
    const names = await database.read(database.query.selectFrom('device').select('name'));
    expect(names.map(({ name }) => name)).toEqual(before.get('device')?.map(({ name }) => name));
    await database.close();
    expect(faultsOf(path, before)).toEqual([]);
  });

  test('whose migration is killed in the middle is as it was, and migrates whole the next time', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'roomd.db');
    const before = makeOlderDatabase(path, 1);
    const child = startChild('migrates', path);
    await child.saidLines(1);
    await child.kill();
    expect(look(path, (connection) => connection.pragma('user_version', { simple: true }))).toBe(1);
    expect(look(path, contentOf)).toEqual(before);

    const database = await openDatabase({ path, readers: 1, clock: systemClock(), logger: silentLogger });
    await database.close();
    expect(faultsOf(path, before)).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.includes('unfinished'))).toEqual([]);
  });
});
