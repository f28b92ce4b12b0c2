import { describe, expect, test } from 'vitest';
import type { ChangeResult } from '../../../src/fleet/change.ts';
import type { DesiredSoftware } from '../../../src/fleet/fleet.ts';
import { isVersion, SoftwareResource } from '../../../src/fleet/resources/software.ts';
import {
  followUpgrade,
  isOrder,
  orderUpgrade,
  type UpgradeOrder,
  upgradeResult,
} from '../../../src/fleet/upgrade/order.ts';
import { builtInModels } from '../../../src/simulator/models/built-in.ts';
import { type ContentWorld, contentWorld, PLACE, PRESETS, wanting, without } from './content-world.ts';

const TIMES = { pollMs: 20, withinMs: 3_000, unheardMs: 60 };

function software(
  version: string,
  url: string | null = `https://files.example.com/ce${version}.pkg`,
): DesiredSoftware {
  return { version, url, place: PLACE };
}

async function upgradeOf(
  made: ContentWorld,
  desired: DesiredSoftware,
  more: { signal?: AbortSignal; withinMs?: number } = {},
): Promise<ChangeResult> {
  const { clock, guards, ledger, device } = made;
  const { signal, withinMs = TIMES.withinMs } = more;
  const begun = await orderUpgrade(device, desired, {
    clock,
    guards,
    ledger,
    record: () => Promise.resolve(),
    signal,
  });
  if (!isOrder(begun)) return begun;
  const ended = await followUpgrade(begun, desired, {
    device: () => device,
    clock,
    times: { ...TIMES, withinMs },
    isResumed: false,
    signal,
  });
  if (ended === 'unheard') throw new Error('an order that was given counts as heard');
  return upgradeResult(begun.version, desired, ended.outcome, ended.detail);
}

async function world(options: Parameters<typeof contentWorld>[0] = {}): Promise<ContentWorld> {
  const made = await contentWorld({ commandDeadlineMs: 400, ...options });
  return made.with(new SoftwareResource());
}

describe.each(PRESETS)('software, with all unknowns of the device %s', (_name, preset) => {
  test('is reported and never changed by an apply', async () => {
    const made = await world({ preset });
    const desired = wanting({ software: software('26.9.1') });
    expect(await made.plan(desired)).toMatchObject({
      state: 'in-sync',
      changes: [],
      hints: [expect.stringMatching(/^the device runs ce26\.4\.1\.\S+ and the file says 26\.9\.1/)],
    });
    expect(await made.apply(desired)).toEqual([]);
    expect(made.simulated.software).toMatch(/^ce26\.4\.1\./);
    expect(await made.plan(wanting({ software: software('26.4.1') }))).toMatchObject({
      untouched: 1,
      hints: [],
    });
  });

  test('is upgraded where an upgrade is asked for, and the version proves it', async () => {
    const made = await world({ preset });
    const events: string[] = [];
    made.simulated.state.listen((news) => {
      if (news.kind === 'event' && news.path.text === 'BootEvent') events.push(JSON.stringify(news.fields));
    });
    const result = await upgradeOf(made, software('26.9.1'));
    expect(result).toMatchObject({
      outcome: 'accepted',
      detail: null,
      change: { kind: 'software', path: 'Software', to: '26.9.1', noticeable: true },
    });
    expect(result.change.from).toMatch(/^ce26\.4\.1/);
    expect(made.simulated.software).toBe('ce26.9.1');
    expect(events).toEqual(['{"Action":"Upgrade"}']);
  });

  test('that came out otherwise is told', async () => {
    const made = await world({ preset });
    const other = software('26.9.1', 'https://files.example.com/ce26.8.2.pkg');
    expect(await upgradeOf(made, other)).toMatchObject({
      outcome: 'differs',
      detail: 'the device restarted with ce26.8.2 instead',
    });
  });

  test('that cannot be fetched is told in the device’s words', async () => {
    const made = await world({ preset });
    const lost = software('26.9.1', 'https://files.example.com/lost.pkg');
    expect(await upgradeOf(made, lost)).toMatchObject({
      outcome: 'refused',
      detail: 'the device says that the upgrade failed: The software could not be fetched',
    });
  });

  test('is not proven in time', async () => {
    const made = await world({ preset, settings: { upgradeMs: 60_000 } });
    expect(await upgradeOf(made, software('26.9.1'), { withinMs: 100 })).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('it still runs ce26.4.1'),
    });
  });
});

test('nothing is sent where the version is there, the room is in use, a hold forbids it, or no URL is known', async () => {
  const made = await world();
  expect(await upgradeOf(made, software('26.4'))).toMatchObject({ outcome: 'accepted' });
  expect(await upgradeOf(made, software('26.9.1', null))).toMatchObject({ outcome: 'refused' });
  made.guards = { forbids: () => null, inUse: async () => 'a call is on' };
  expect(await upgradeOf(made, software('26.9.1'))).toMatchObject({
    outcome: 'waiting',
    detail: 'a call is on',
  });
  made.guards = { forbids: () => 'on hold', inUse: async () => null };
  expect(await upgradeOf(made, software('26.9.1'))).toMatchObject({ outcome: 'held', detail: 'on hold' });
  expect(made.simulated.counters.requests.get('xCommand/SystemUnit/SoftwareUpgrade')).toBeUndefined();
});

test('a refusal ends it at once, as does a device without the command', async () => {
  const made = await world();
  expect(await upgradeOf(made, software('26.9.1', 'ftp://files.example.com/x'))).toMatchObject({
    outcome: 'refused',
    detail: expect.stringContaining('Invalid URL'),
  });
  const older = await world({ model: without(builtInModels.room, 'SystemUnit.SoftwareUpgrade') });
  expect(await upgradeOf(older, software('26.9.1'))).toMatchObject({ outcome: 'refused' });
});

test('a device that stays away is not proven, and one that is out of reach is not upgraded', async () => {
  const made = await world({ settings: { rebootMs: 60_000 } });
  expect(await upgradeOf(made, software('26.9.1'), { withinMs: 300 })).toMatchObject({
    outcome: 'failed',
    detail: expect.stringContaining('it does not answer'),
  });
  expect(await upgradeOf(made, software('26.9.1'))).toMatchObject({ outcome: 'failed' });
});

test('a failure that is told in the same words as the one before is one of its own', async () => {
  const made = await world({ settings: { upgradeMs: 200 } });
  const lost = software('26.9.1', 'https://files.example.com/lost.pkg');
  await upgradeOf(made, lost);
  expect(await upgradeOf(made, lost)).toMatchObject({ outcome: 'refused' });
});

test('an order that was put on record and never sent is known by a device that tells of none', async () => {
  const made = await world();
  const { clock, guards, ledger, device } = made;
  const cutOff = orderUpgrade(device, software('26.9.1'), {
    clock,
    guards,
    ledger,
    record: (order) => Promise.reject(Object.assign(new Error('killed'), { order })),
  });
  const { order } = await cutOff.then(
    () => Promise.reject(new Error('it was ordered')),
    (error: { order: UpgradeOrder }) => error,
  );
  const follow = (isResumed: boolean, withinMs = 300) =>
    followUpgrade(order, software('26.9.1'), {
      device: () => device,
      clock,
      times: { pollMs: 20, withinMs, unheardMs: 60 },
      isResumed,
    });
  expect(await follow(true)).toBe('unheard');
  // Where it was surely sent, roomd waits.
  expect(await follow(false)).toMatchObject({ outcome: 'failed' });
  made.simulated.state.command('SystemUnit.SoftwareUpgrade', { URL: software('26.9.1').url ?? '' });
  expect(await follow(true, 10_000)).toMatchObject({ outcome: 'accepted' });
});

test('an abort ends the waiting', async () => {
  const made = await world({ settings: { upgradeMs: 60_000 } });
  const stopping = new AbortController();
  const ended = upgradeOf(made, software('26.9.1'), { signal: stopping.signal, withinMs: 60_000 });
  made.clock.after(100, () => stopping.abort(new Error('stopped')));
  await expect(ended).rejects.toThrow('stopped');
});

test.each([
  ['ce26.4.1.0a1b2c3', '26.4.1', true],
  ['ce26.4.1.0a1b2c3', 'ce26.4.1.0A1B2C3', true],
  ['RoomOS 26.4.1.5', '26.4', true],
  ['ce26.4.10.1', '26.4.1', false],
  ['ce26.4.1', '26.4.1.5', false],
])('%s is %s: %s', (running, wanted, is) => {
  expect(isVersion(running, wanted)).toBe(is);
});
