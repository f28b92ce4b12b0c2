import { expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { type DeedList, deeds } from '../../src/actions/deeds.ts';
import { eraseRecords } from '../../src/actions/erase.ts';
import { placeHold, releaseHold } from '../../src/actions/hold.ts';
import { runMacro } from '../../src/actions/macros.ts';
import { endMaintenance, startMaintenance } from '../../src/actions/maintenance.ts';
import { retire, undoRetire } from '../../src/actions/retire.ts';
import { abortRollout, pauseRollout, resumeRollout, startRollout } from '../../src/actions/rollout.ts';
import { createToken, revokeToken } from '../../src/actions/tokens.ts';
import { changeUser, createUser, removeUser } from '../../src/actions/users.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';

const ROLLOUT = 'rollout: { canary: fjord, rings: [tundra], soak: 10m, failureBudget: 1 }';

async function world() {
  const simulator = await simulated([{ name: 'fjord' }, { name: 'tundra' }]);
  const running = await runDaemon(
    fleetText({
      devices: simulator.devices,
      mode: 'enforce',
      more: 'macros: [{ name: rest, devices: all, steps: [{ standby: on }] }]',
    }),
  );
  await eventually(() =>
    expect(running.daemon.ports.devices().map(({ session }) => session.state)).toEqual(['up', 'up']),
  );
  return running;
}

test('deeds of every sort are told newest first, page by page, of a device and since a time, and of theirs to who is limited to some', async () => {
  const { act, get, post } = await world();
  await act(apply, { devices: 'name=fjord' });
  await act(placeHold, { devices: 'name=tundra', reason: 'a visit' });
  await act(releaseHold, { devices: 'name=tundra' });
  await act(startMaintenance, { devices: 'all', for: '1h', reason: 'patches' });
  await act(endMaintenance, {});
  await post('/api/v1/macros/rest/run', { device: 'fjord' });
  await act(runMacro, { macro: 'rest', device: 'fjord' });
  await act(retire, { name: 'tundra' });
  await act(undoRetire, { name: 'tundra' });
  await act(eraseRecords, { name: 'tundra', before: '1h' });
  const { token } = await act(createToken, { name: 'wall', role: 'viewer', devices: 'name=fjord' });

  const all = await act(deeds, {});
  expect(all.items.map(({ kind, actor, device }) => [kind, actor, device])).toEqual([
    ['verb', 'test', null],
    ['erase', 'test', 'tundra'],
    ['retire', 'test', 'tundra'],
    ['retire', 'test', 'tundra'],
    ['run', 'test', 'fjord'],
    ['run', 'http:loopback', 'fjord'],
    ['maintenance-end', 'test', null],
    ['maintenance', 'test', null],
    ['release', 'test', null],
    ['hold', 'test', null],
    ['approve', 'test', null],
  ]);
  expect(all.items[4]?.what).toBe('ran rest by hand: succeeded');
  expect(all.items[0]?.what).toBe('made the token wall (viewer, name=fjord)');
  expect(all.nextCursor).toBe(null);

  const paged: DeedList['items'][number][] = [];
  let cursor: string | null = null;
  do {
    const page: DeedList = await act(deeds, { limit: 2, cursor });
    paged.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(paged).toEqual(all.items);

  const kinds = async (asked: object) => (await act(deeds, asked)).items.map(({ kind }) => kind);
  expect(await kinds({ device: 'fjord' })).toEqual(['run', 'run']);
  expect(await kinds({ actor: 'http:loopback' })).toEqual(['run']);
  expect(await kinds({ since: all.items[1]?.at ?? '' })).toEqual(['verb', 'erase']);
  const limited = await get('/api/v1/deeds', { authorization: `Bearer ${token}` });
  expect(((await limited.json()) as DeedList).items.map(({ kind }) => kind)).toEqual(['run', 'run']);
  await expect(act(deeds, { cursor: 'nonsense' })).rejects.toMatchObject({ code: 'bad-input' });
});

test('verbs that leave no other trace are on record once they are done, and only then', async () => {
  const { devices } = await simulated([{ name: 'fjord' }, { name: 'tundra' }]);
  const { act } = await runDaemon(
    fleetText({ devices, configuration: { 'Audio.DefaultVolume': '70' }, more: ROLLOUT }),
  );
  await expect(act(pauseRollout, { reason: 'there is none' })).rejects.toMatchObject({ code: 'conflict' });
  await act(startRollout, {});
  await act(pauseRollout, { reason: 'lunch' });
  await act(resumeRollout, {});
  await act(abortRollout, {});
  await act(createToken, { name: 'wall', role: 'viewer' });
  await act(revokeToken, { name: 'wall', evenLast: true });
  await act(createUser, {
    name: 'anna',
    role: 'operator',
    devices: 'fjord',
    password: 'four words nobody says',
  });
  await act(changeUser, { name: 'anna', role: 'viewer' });
  await act(removeUser, { name: 'anna', evenLast: true });
  const told = (await act(deeds, {})).items.filter(({ kind }) => kind === 'verb');
  expect(told.map(({ actor, what }) => `${actor} ${what}`)).toEqual([
    'test took out the user anna',
    'test changed the user anna: viewer',
    'test made the user anna (operator, fjord)',
    'test revoked the token wall',
    'test made the token wall (viewer, the whole fleet)',
    'test ended the rollout',
    'test let the rollout go on',
    'test paused the rollout: lunch',
  ]);
});
