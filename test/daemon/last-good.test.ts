import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { system } from '../../src/actions/system.ts';
import { fleetText, runDaemon, temporaryFolder } from '../support/world.ts';

const GOOD = fleetText({ devices: [] }).replace('devices:\n', 'devices: []\n');
const ASKING = GOOD.replace('${env:ROOM_PASSWORD}', '${env:OTHER_PASSWORD}');

describe('A start on a file that cannot be used', () => {
  test('says that nothing was ever kept', async () => {
    await expect(runDaemon(ASKING)).rejects.toMatchObject({
      cause: {
        message:
          'the fleet file cannot be used, and there is no earlier one to stand in for it; nothing was contacted',
      },
    });
  });

  test('says what the last good one lacks, too', async () => {
    const folder = temporaryFolder();
    const env = { OTHER_PASSWORD: 'x' };
    await (await runDaemon(ASKING, { folder, env })).daemon.stop();
    await expect(runDaemon(ASKING, { folder })).rejects.toMatchObject({
      message: expect.stringContaining('the environment variable OTHER_PASSWORD is not set'),
      cause: {
        message: expect.stringMatching(
          /^the fleet file cannot be used, nor can the last good one, which would stand in for it \(.*OTHER_PASSWORD is not set.*\); nothing was contacted$/,
        ),
      },
    });
    // What is wrong with the file hides what the last good one lacks.
    await expect(runDaemon('version: 1\ndevices: [', { folder })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('OTHER_PASSWORD is not set') },
    });
  });

  test('goes by the last good one where only the file of today asks for what is missing', async () => {
    const folder = temporaryFolder();
    await (await runDaemon(GOOD, { folder })).daemon.stop();
    const second = await runDaemon(ASKING, { folder });
    expect(await second.act(system)).toMatchObject({ safeMode: true });
  });

  test('finds the last good one where the file’s syntax is broken above the line with the database', async () => {
    const folder = temporaryFolder();
    const kept = GOOD.replace('sqlite:./data/roomd.db', 'sqlite:./kept/here.db');
    await (await runDaemon(kept, { folder })).daemon.stop();
    rmSync(`${folder}/data`, { recursive: true, force: true });
    const broken = kept.replace(
      'version: 1\n',
      'version: 1\nprivacy: { a: ${env:X} }\n# database: sqlite:./not.db\n',
    );
    const second = await runDaemon(broken, { folder });
    expect(await second.act(system)).toMatchObject({ safeMode: true });
  });
});
