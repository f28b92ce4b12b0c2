import BetterSqlite3 from 'better-sqlite3';
import { expect, test } from 'vitest';
import { compileMigrations } from '../../src/storage/migration.ts';
import { records } from '../../src/storage/migrations/0010-records.ts';
import { migrations } from '../../src/storage/migrations/all.ts';

test('presence of before goes on from where it stood', () => {
  const connection = new BetterSqlite3(':memory:');
  const before = migrations.filter(({ version }) => version < records.version);
  const run = (steps: typeof migrations) => {
    for (const { statements } of compileMigrations(steps))
      for (const { text, parameters } of statements) connection.prepare(text).run(parameters);
  };
  run(before);
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
  connection.close();
});
