import BetterSqlite3 from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { compileMigrations, type Migration } from '../../src/storage/migration.ts';
import { records } from '../../src/storage/migrations/0010-records.ts';
import { verbsOnRecord } from '../../src/storage/migrations/0025-verbs-on-record.ts';
import { migrations } from '../../src/storage/migrations/all.ts';

/** A database as it was before a migration, and what runs that one. */
function before({ version }: Migration) {
  const connection = new BetterSqlite3(':memory:');
  onTestFinished(() => void connection.close());
  const run = (steps: readonly Migration[]): void => {
    for (const { statements } of compileMigrations(steps))
      for (const { text, parameters } of statements) connection.prepare(text).run(parameters);
  };
  run(migrations.filter((step) => step.version < version));
  return { connection, run };
}

test('presence of before goes on from where it stood', () => {
  const { connection, run } = before(records);
  connection.exec(`
    INSERT INTO device (id, name, host, created_at) VALUES (1, 'hall', '10.0.0.1', 0);
    INSERT INTO presence (device_id, state, source, from_at, to_at) VALUES (1, 'no', 'webhook', 10, 20), (1, 'yes', 'webhook', 20, NULL);
    INSERT INTO projector (name, seq, state_json) VALUES ('presence', 7, NULL), ('presence/1', 7, '{"lastAt":25}');
  `);
  run([records]);
  const [row] = connection.prepare<[], Record<string, unknown>>('SELECT * FROM projection').all();
  expect(row).toMatchObject({ name: 'presence', device_id: 1, base_seq: 7 });
  expect(JSON.parse(String(row?.['state_json']))).toEqual({
    open: { state: 'yes', maxCount: null, lastCount: null, source: 'webhook', from: 20, to: null },
    seq: 0,
    lastAt: 25,
  });
  expect(connection.prepare('SELECT name, seq FROM projector ORDER BY name').all()).toEqual([
    { name: 'events', seq: 7 },
    { name: 'version:presence', seq: 1 },
  ]);
});

test('who made the tokens and users that there are stays on record', () => {
  const { connection, run } = before(verbsOnRecord);
  connection.exec(`
    INSERT INTO api_token VALUES ('wall', 'viewer', 'site=oslo', 'x', 10, 'cli:anna', NULL);
    INSERT INTO api_user VALUES ('ben', 'admin', NULL, 'x', 20, 'user:anna', NULL);
  `);
  run([verbsOnRecord]);
  expect(connection.prepare('SELECT * FROM deed ORDER BY at').all()).toEqual([
    { at: 10, actor: 'cli:anna', verb: 'tokens.create', what: 'made the token wall (viewer, site=oslo)' },
    { at: 20, actor: 'user:anna', verb: 'users.create', what: 'made the user ben (admin, the whole fleet)' },
  ]);
});
