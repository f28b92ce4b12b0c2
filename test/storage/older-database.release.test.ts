import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configureForWriting } from '../../src/storage/connection.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { compileMigrations } from '../../src/storage/migration.ts';
import { migrations } from '../../src/storage/migrations/all.ts';
import { contentOf, faultsOf, look, lostRows, makeOlderDatabase } from './older-database.ts';
import { temporaryFolder } from './temporary-folder.ts';

const EARLIER = migrations.slice(0, -1).map(({ version }) => version);

describe('A database of an earlier roomd', () => {
  test.each(EARLIER)(
    'of schema version %i is brought to this one with every row, after a backup',
    (version) => {
      const path = join(temporaryFolder(), 'roomd.db');
      const before = makeOlderDatabase(path, version);
      expect([...before.values()].every((rows) => rows.length > 0)).toBe(true);
      const notes = look(path, (connection) => {
        configureForWriting(connection);
        return migrate(connection, compileMigrations(migrations), Date.UTC(2026, 10, 23));
      });
      expect(faultsOf(path, before)).toEqual([]);
      const backup = String(notes[0]?.facts['backup']);
      expect(backup).toBe(`${path}.backup-${version}-20261123T000000000Z`);
      expect(look(backup, (connection) => lostRows(before, contentOf(connection)))).toEqual([]);
    },
  );
});
