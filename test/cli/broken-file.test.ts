import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LAST_GOOD_FLEET } from '../../src/daemon/last-good-fleet.ts';
import { diskFiles, RecordedFiles } from '../../src/fleet/file/fleet-files.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { setFact } from '../../src/storage/facts.ts';
import { openDatabase } from '../../src/storage/open-database.ts';
import { type CliWorld, cliWorld } from './cli-world.ts';

const FILE = [
  'version: 1',
  'credentials: { roomd: { username: admin, password: "${env:ROOM_PASSWORD}" } }',
  'notifiers: { ops: { webex: { token: "${env:WEBEX_TOKEN}", roomId: room } } }',
  'daemon: { database: "sqlite:kept/roomd.db" }',
  'defaults: { credentials: roomd }',
  'devices: [{ name: sim-1, host: "127.0.0.1:9" }]',
  '',
].join('\n');

let world: CliWorld;

beforeEach(async () => {
  world = await cliWorld({});
  await write(FILE);
});
afterEach(() => world.close());

describe('Errands that need no fleet', () => {
  test('go on with a broken file: the last good one stands in, in one line', async () => {
    expect((await world.roomd('schema', 'list')).code).toBe(0);
    await keepAsLastGood();
    await write(`${FILE}bananas: 7\n`);
    for (const argv of [['status'], ['alerts'], ['calls'], ['schema', 'list'], ['maintenance', 'list']]) {
      const { code, err } = await world.roomd(...argv);
      expect([argv, code, err.split('\n')]).toEqual([
        argv,
        0,
        [expect.stringContaining('1 problem (roomd validate): the last good one stands in')],
      ]);
    }
    const { out } = await world.roomd('status', '--json');
    expect(JSON.parse(out)).toMatchObject({ system: { pending: null }, devices: [{ name: 'sim-1' }] });
    expect((await world.roomd('history', 'sim-1')).out).toContain('No such write to sim-1 is on record.');
    expect((await world.roomd('db', 'backup', 'copy.db')).code).toBe(0);
    expect((await world.roomd('db', 'restore', 'copy.db', '--yes')).code).toBe(0);
    expect((await world.roomd('plan')).code).toBe(4);
  });

  test('go on where no good file was ever kept, and never conclude that its devices are gone', async () => {
    expect((await world.roomd('schema', 'list')).code).toBe(0);
    await write('version: 1\ndaemon: { database: "sqlite:kept/roomd.db" }\ndevices: [\n');
    const { code, err } = await world.roomd('schema', 'list');
    expect([code, err]).toEqual([0, expect.stringContaining('no device is known from it')]);
  });

  test('are refused with every problem where there is no record either', async () => {
    await write(`${FILE}bananas: 7\n`);
    expect((await world.roomd('status')).code).toBe(4);
  });
});

describe('A missing secret of a notifier', () => {
  test('is a warning for commands that tell nobody anything', async () => {
    const { code, err } = await world.roomd('schema', 'list');
    expect([code, err]).toEqual([0, '']);
    const plan = await world.roomd('plan');
    expect(plan.err).toMatch(/warning: .*WEBEX_TOKEN/);
    expect(plan.err).toMatch(/the fleet file has 1 problem;/);
    expect((await world.roomd('validate', '--require-secrets')).err).toContain('2 problems');
  });
});

function write(text: string): Promise<void> {
  return writeFile(join(world.folder, 'fleet.yaml'), text);
}

/** As a daemon does that takes a good file over. */
async function keepAsLastGood(): Promise<void> {
  const files = new RecordedFiles(diskFiles);
  await files.read(join(world.folder, 'fleet.yaml'));
  const database = await openDatabase({
    path: join(world.folder, 'kept/roomd.db'),
    clock: systemClock(),
    logger: silentLogger,
  });
  await setFact(database, LAST_GOOD_FLEET, JSON.stringify(files.snapshot()));
  await database.close();
}
