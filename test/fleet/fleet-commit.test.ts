import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { diffAt } from '../../src/actions/diff-at.ts';
import { history } from '../../src/actions/history.ts';
import { rolloutStatus, startRollout } from '../../src/actions/rollout.ts';
import { fleetCommit } from '../../src/fleet/fleet-commit.ts';
import { eventually, fleetText, runDaemon, simulated, temporaryFolder } from '../support/world.ts';

function git(folder: string, ...args: string[]): string {
  const own = ['-c', 'user.name=Anna', '-c', 'user.email=anna@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...own, ...args], { cwd: folder, encoding: 'utf8' }).trim();
}

test('The commit of a fleet is that of its folder, dirty while a file of the fleet differs from it', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'oslo'));
  const [file, panel, secret] = ['oslo/fleet.yaml', 'help.xml', 'oslo/room.key'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const sources = [file, panel, secret, '/elsewhere/ca.pem'];
  for (const path of [file, panel, secret]) writeFileSync(path, 'one');
  const commit = () => fleetCommit({ file, sources });
  expect(await commit()).toBeNull();
  git(folder, 'init', '--quiet');
  expect(await commit()).toBeNull();
  writeFileSync(join(folder, '.gitignore'), '*.key\n');
  git(folder, 'add', '.');
  git(folder, 'commit', '--quiet', '-m', 'first');
  const id = git(folder, 'rev-parse', 'HEAD');
  expect(await commit()).toEqual({ id, isDirty: false });
  writeFileSync(join(folder, 'notes.txt'), 'of no concern');
  expect(await commit()).toEqual({ id, isDirty: false });
  writeFileSync(panel, 'two');
  expect(await commit()).toEqual({ id, isDirty: true });
}, 30_000);

test('Revisions and rollouts tell their commit, in history, diff and status', async () => {
  const simulator = await simulated([{}, {}]);
  const folder = temporaryFolder();
  const text = (volume: string) =>
    fleetText({
      devices: simulator.devices,
      configuration: { 'Audio.DefaultVolume': volume },
      more: 'rollout: { canary: 1, soak: 50ms }\n',
    });
  git(folder, 'init', '--quiet');
  const { act, daemon, file } = await runDaemon(text('60'), { folder });
  git(folder, 'add', 'fleet.yaml');
  git(folder, 'commit', '--quiet', '-m', 'first');
  const id = git(folder, 'rev-parse', 'HEAD');
  await act(apply);
  const [write] = (await act(history, { name: 'room-1' })).items;
  expect(write?.commit).toEqual({ id, dirty: false });
  writeFileSync(file, text('70'));
  await daemon.reload();
  await act(startRollout);
  await eventually(async () => expect(await act(rolloutStatus)).toMatchObject({ state: 'done' }), 20_000);
  expect((await act(rolloutStatus)).commit).toEqual({ id, dirty: true });
  const diff = await act(diffAt, { name: 'room-1', at: '1h' });
  expect(diff).toMatchObject({ commitThen: null, commitNow: { id, dirty: true } });
}, 60_000);
