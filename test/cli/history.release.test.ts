import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { quick } from '../../src/simulator/settings.ts';
import { acquireOwnership } from '../../src/storage/lock.ts';
import { openDatabase } from '../../src/storage/open-database.ts';
import { type CliWorld, cliWorld } from './cli-world.ts';

const PASSWORD = 'correct-horse-9';

let simulator: Simulator;
let world: CliWorld;

beforeEach(async () => {
  const devices = [
    {
      name: 'sim-1',
      model: builtInModels.room,
      configuration: { 'RoomAnalytics.PeopleCountOutOfCall': 'Off' },
    },
  ];
  simulator = await startSimulator({ devices, username: 'admin', password: PASSWORD, settings: quick });
  world = await cliWorld({ ROOM_PASSWORD: PASSWORD });
  await fleetFile('RoomAnalytics.PeopleCountOutOfCall: On');
});

afterEach(async () => {
  await simulator.stop();
  await world.close();
});

describe('history and diff', () => {
  test('tell what an apply wrote, for people and as JSON', async () => {
    expect((await world.roomd('apply', '--yes')).code).toBe(0);
    const told = await world.roomd(
      'history',
      'sim-1',
      '--path',
      'xConfiguration RoomAnalytics',
      '--since',
      '1h',
    );
    expect(told.out).toMatch(
      /RoomAnalytics\.PeopleCountOutOfCall: "Off" → "On"\n +accepted +by cli:anna, revision /,
    );
    const { out } = await world.roomd('history', 'sim-1', '--json', '--limit', '1');
    expect(JSON.parse(out)).toMatchObject({ items: [{ after: 'On', state: 'accepted', actor: 'cli:anna' }] });
    const diff = await world.roomd('diff', 'sim-1', '--at', '1d', '--json');
    expect(JSON.parse(diff.out)).toMatchObject({
      revisionThen: null,
      changed: [
        { approvedThen: null, approvedNow: 'On', heldThen: { value: 'Off', basis: 'seen-before-write' } },
      ],
    });
    expect((await world.roomd('diff', 'sim-1', '--at', '1d')).out).toContain('approved  nothing → "On"');
  });

  const refusals: [string[], RegExp][] = [
    [['history', 'nobody'], /no device is called "nobody"/],
    [['history', 'sim-1', '--since', 'yesterday'], /"yesterday" is no time/],
    [['history', 'sim-1', '--path', '[1]'], /is no xAPI path/],
    [['history', 'sim-1', '--limit', 'many'], /limit/],
    [['diff', 'sim-1'], /--at 7d/],
    [['diff', 'sim-1', '--at', '2999-01-01T00:00:00Z'], /has not come yet/],
  ];

  test('refuse what they cannot look for in a sentence', async () => {
    for (const [argv, sentence] of refusals) {
      const { code, err } = await world.roomd(...argv);
      expect([argv, code, err]).toEqual([argv, 2, expect.stringMatching(sentence)]);
    }
  });
});

describe("a copy of roomd's own state", () => {
  test('brings back what was on record, and keeps what it replaces', async () => {
    await world.roomd('apply', '--yes');
    expect((await world.roomd('db', 'backup', 'copy.db')).code).toBe(0);
    expect((await stat(join(world.folder, 'copy.db'))).mode & 0o777).toBe(0o600);
    await fleetFile('RoomAnalytics.PeopleCountOutOfCall: Off');
    await world.roomd('apply', '--yes');
    const { code, out } = await world.roomd('db', 'restore', 'copy.db', '--yes', '--json');
    expect(code).toBe(0);
    const { items } = JSON.parse((await world.roomd('history', 'sim-1', '--json')).out) as {
      items: unknown[];
    };
    expect(items).toMatchObject([{ after: 'On' }]);
    const { replaced } = JSON.parse(out) as { replaced: string };
    const before = new BetterSqlite3(replaced, { readonly: true });
    expect(before.prepare('SELECT wanted FROM write ORDER BY seq').pluck().all()).toEqual(['On', 'Off']);
    before.close();
  });

  test('can be taken while another process writes', async () => {
    await mkdir(join(world.folder, 'data'), { recursive: true });
    const path = join(world.folder, 'data/roomd.db');
    const database = await openDatabase({ path, clock: systemClock(), logger: silentLogger });
    try {
      await database.write([database.query.insertInto('fact').values({ name: 'mark', value: 'here' })]);
      expect((await world.roomd('db', 'backup', 'copy.db')).code).toBe(0);
      const copy = new BetterSqlite3(join(world.folder, 'copy.db'), { readonly: true });
      expect(copy.prepare("SELECT value FROM fact WHERE name = 'mark'").pluck().get()).toBe('here');
      copy.close();
    } finally {
      await database.close();
    }
  });

  test('is not put in place while a daemon owns the directory, nor when it is none', async () => {
    await world.roomd('plan');
    await world.roomd('db', 'backup', 'copy.db');
    const before = await readFile(join(world.folder, 'data/roomd.db'));
    const ownership = await acquireOwnership(join(world.folder, 'data'));
    const running = await world.roomd('db', 'restore', 'copy.db', '--yes');
    ownership.release();
    expect([running.code, running.err]).toEqual([1, expect.stringContaining('owns the data directory')]);
    await writeFile(
      join(world.folder, 'text.db'),
      'no database, but long enough to be looked at as one'.repeat(20),
    );
    await writeFile(join(world.folder, 'empty.db'), '');
    new BetterSqlite3(join(world.folder, 'foreign.db')).exec('CREATE TABLE a (b)').close();
    const newer = new BetterSqlite3(join(world.folder, 'copy.db'));
    newer.pragma('user_version = 900');
    newer.close();
    const refusals = [
      ['copy.db', /schema version 900/],
      ['text.db', /not.*database/i],
      ['empty.db', /is empty/],
      ['foreign.db', /another program/],
      ['none.db', /There is no database/],
    ] as const;
    for (const [file, sentence] of refusals) {
      const { code, err } = await world.roomd('db', 'restore', file, '--yes');
      expect([file, code, err]).toEqual([file, 1, expect.stringMatching(sentence)]);
    }
    expect(await readFile(join(world.folder, 'data/roomd.db'))).toEqual(before);
    expect(
      (await readdir(join(world.folder, 'data'))).filter((name) => /unfinished|replaced/.test(name)),
    ).toEqual([]);
  });

  test('never replaces a file or a database unasked', async () => {
    await world.roomd('plan');
    await writeFile(join(world.folder, 'copy.db'), 'mine');
    expect((await world.roomd('db', 'backup', 'copy.db')).code).toBe(2);
    expect(await readFile(join(world.folder, 'copy.db'), 'utf8')).toBe('mine');
    expect((await world.roomd('db', 'backup', 'copy.db', '--force')).code).toBe(0);
    expect((await world.roomd('db', 'restore', 'copy.db')).code).toBe(2);
    expect((await world.asked(false, 'db', 'restore', 'copy.db')).code).toBe(3);
  });
});

async function fleetFile(setting: string): Promise<void> {
  const [device] = simulator.devices;
  await writeFile(
    join(world.folder, 'fleet.yaml'),
    [
      'version: 1',
      'credentials: { roomd: { username: admin, password: "${env:ROOM_PASSWORD}" } }',
      `defaults: { credentials: roomd, configuration: { ${setting} } }`,
      `devices: [{ name: sim-1, host: "127.0.0.1:${device?.port}" }]`,
      '',
    ].join('\n'),
  );
}
