import { expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { type DeedList, deeds } from '../../src/actions/deeds.ts';
import { eraseRecords } from '../../src/actions/erase.ts';
import { placeHold, releaseHold } from '../../src/actions/hold.ts';
import { runMacro } from '../../src/actions/macros.ts';
import { endMaintenance, startMaintenance } from '../../src/actions/maintenance.ts';
import { retire, undoRetire } from '../../src/actions/retire.ts';
import { createToken } from '../../src/actions/tokens.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';

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
    ['token', 'test', null],
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
  expect(await kinds({ since: all.items[1]?.at ?? '' })).toEqual(['token', 'erase']);
  const limited = await get('/api/v1/deeds', { authorization: `Bearer ${token}` });
  expect(((await limited.json()) as DeedList).items.map(({ kind }) => kind)).toEqual(['run', 'run']);
  await expect(act(deeds, { cursor: 'nonsense' })).rejects.toMatchObject({ code: 'bad-input' });
});
