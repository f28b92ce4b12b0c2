import { afterEach, describe, expect, it } from 'vitest';
import type { DesiredDevice } from '../../src/fleet/fleet.ts';
import type { AnyResource } from '../../src/fleet/resource.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import { readEvents } from '../../src/storage/events.ts';
import { keepingLogger } from '../support/world.ts';
import { bent, FleetWorld, outcomes, until, type Wishes } from './world.ts';

const HOUR = 3_600_000;
let world: FleetWorld;

afterEach(() => world.close());

async function room(wishes: Wishes, changes: Partial<DesiredDevice> = {}): Promise<SimulatedDevice> {
  world = await FleetWorld.open([{ name: 'room-1' }]);
  const device = world.simulator.device('room-1');
  await people(device, 0);
  await world.wish({ 'room-1': wishes }, { 'room-1': changes });
  return device;
}

async function people(device: SimulatedDevice, count: number): Promise<void> {
  device.state.people(count);
  const word = count === 0 ? 'No' : 'Yes';
  await until(word, () => device.state.status('RoomAnalytics.PeoplePresence') === word);
}

const holdsDelay = (): string | null => world.held('room-1', 'Standby.Delay');
const waitingActor = (): Promise<string | null> =>
  world.revisions.waitingActor(world.target('room-1')?.device.address.id ?? 0);

describe('in observe', () => {
  it('compares and writes nothing, approved or not', async () => {
    const device = await room({ 'Standby.Delay': '30' });
    await world.reconcile('observe');
    expect(await world.look('room-1')).toMatchObject({ state: 'drift', drift: 1, waiting: null });
    await world.applyOne('room-1');
    device.state.turnKnob('Standby.Delay', '99');
    expect(await world.look('room-1')).toMatchObject({ state: 'drift', drift: 1 });
    expect(holdsDelay()).toBe('99');
    expect(device.counters.requests.get('POST /putxml')).toBe(1);
  });

  it('finishes what a person applied when the room falls free, also after a restart, and then stops', async () => {
    const device = await room({ 'Standby.Delay': '30' });
    await people(device, 2);
    await world.reconcile('observe');
    expect(outcomes(await world.applyOne('room-1'))).toEqual([
      'Standby.Delay waiting People Presence says yes',
    ]);
    expect(await waitingActor()).toBe('cli:anna');
    await world.restart();
    await world.look('room-1');
    expect(holdsDelay()).toBe('10');
    await people(device, 0);
    await until('it is written', () => holdsDelay() === '30');
    await until('it is over', async () => (await waitingActor()) === null);
    expect(await world.written()).toEqual(['cli:anna Standby.Delay 10 30 accepted']);
    device.state.turnKnob('Standby.Delay', '99');
    expect(await world.look('room-1')).toMatchObject({ state: 'drift' });
    expect(holdsDelay()).toBe('99');
  });

  it('finishes it on a device that was away, and a forced apply does not force then', async () => {
    const device = await room({ 'Standby.Delay': '30' });
    await world.reconcile('observe');
    device.fault('offline', null);
    expect(await world.applyOne('room-1', { force: true })).toMatchObject({ state: 'unreachable' });
    await people(device, 1);
    device.clearFault('offline');
    await until('it waits', async () => (await world.look('room-1')).waiting !== null);
    expect(holdsDelay()).toBe('10');
    await people(device, 0);
    await until('it is written', () => holdsDelay() === '30');
  });

  it('finishes what a hold stopped when that is released', async () => {
    await room({ 'Standby.Delay': '30' });
    await world.reconcile('observe');
    await world.holds.place({ selector: null, reason: 'audit', actor: 'anna' });
    await world.applyOne('room-1');
    expect(await world.look('room-1')).toMatchObject({ waiting: 'held by anna: audit' });
    await world.holds.release({ selector: null, actor: 'anna' });
    await until('it is written', () => holdsDelay() === '30');
  });

  it('tries again what was not proven', async () => {
    const device = await room({ 'Standby.Delay': '30' });
    await world.reconcile('observe');
    world.bend = (straight) =>
      bent(straight, {
        writeConfiguration: () => {
          device.fault('offline', null);
          return straight.writeConfiguration([{ path: 'Standby.Delay', value: '30' }]);
        },
      });
    const applied = await world.applyOne('room-1', { readBackWaitsMs: [] });
    expect(applied.results.map(({ outcome }) => outcome)).toEqual(['failed']);
    world.bend = (straight) => straight;
    device.clearFault('offline');
    await until('it is written', () => holdsDelay() === '30');
    await until('it is over', async () => (await waitingActor()) === null);
  });

  it('has done its part when the device refused', async () => {
    await room({ 'Standby.Delay': '30' });
    await world.reconcile('observe');
    world.bend = (device) =>
      bent(device, {
        writeConfiguration: () =>
          Promise.resolve([{ path: 'Standby.Delay', outcome: 'refused' as const, reason: 'no' }]),
      });
    await world.applyOne('room-1');
    expect(await waitingActor()).toBeNull();
    await world.look('room-1');
    expect(await world.written()).toHaveLength(1);
  });

  it('leaves a protected device to persons', async () => {
    const device = await room({ 'Standby.Delay': '30' }, { protected: true });
    await people(device, 1);
    await world.reconcile('observe');
    await world.applyOne('room-1');
    expect(await waitingActor()).toBeNull();
    await people(device, 0);
    await world.look('room-1');
    expect(holdsDelay()).toBe('10');
    expect(outcomes(await world.applyOne('room-1'))).toEqual(['Standby.Delay accepted']);
  });

  it('forgets what waited on a device that left the file', async () => {
    const device = await room({ 'Standby.Delay': '30' });
    await people(device, 1);
    await world.reconcile('observe');
    await world.applyOne('room-1');
    const id = world.target('room-1')?.device.address.id ?? 0;
    await world.wish({});
    expect(await world.revisions.waitingActor(id)).toBeNull();
    await world.wish({ 'room-1': { 'Standby.Delay': '30' } });
    expect(await waitingActor()).toBeNull();
  });
});

describe('in enforce', () => {
  it('shows a setting whose drift is to be reported and leaves it, and passes over one to be ignored', async () => {
    const device = await room({ 'Standby.Delay': '30', 'Audio.DefaultVolume': '60' });
    await world.applyOne('room-1');
    const [desired] = world.fleet.devices;
    const rules = new Map([
      ['Standby.Delay', 'report'],
      ['Audio.DefaultVolume', 'ignore'],
    ] as const);
    const configuration = new Map(
      [...(desired?.configuration ?? [])].map(([path, setting]) => {
        const drift = rules.get(path as 'Standby.Delay');
        return [path, drift === undefined ? setting : { ...setting, drift }] as const;
      }),
    );
    await world.wish({ 'room-1': {} }, { 'room-1': { configuration } });
    await world.reconcile('enforce');
    device.state.turnKnob('Standby.Delay', '99');
    device.state.turnKnob('Audio.DefaultVolume', '10');
    expect(await world.look('room-1')).toMatchObject({ state: 'drift', drift: 1 });
    expect(world.held('room-1', 'Standby.Delay')).toBe('99');
    expect(world.held('room-1', 'Audio.DefaultVolume')).toBe('10');
  });

  it('leaves a setting that a macro changed for a time, and restores it afterwards', async () => {
    const device = await room({ 'Standby.Delay': '30' });
    await world.applyOne('room-1');
    await world.reconcile('enforce');
    world.lent = new Map([['standby.delay', 'a macro set it until noon']]);
    device.state.turnKnob('Standby.Delay', '99');
    expect(await world.look('room-1')).toMatchObject({
      state: 'drift',
      waiting: 'a macro set it until noon',
    });
    expect(holdsDelay()).toBe('99');
    world.lent = new Map();
    await world.look('room-1');
    await until('it is restored', () => holdsDelay() === '30');
  });

  it('writes nothing before anybody approved', async () => {
    await room({ 'Standby.Delay': '30' });
    await world.reconcile('enforce');
    expect(await world.look('room-1')).toMatchObject({ state: 'drift', drift: 1 });
    expect(await world.written()).toEqual([]);
    expect(await world.revisions.isPending(world.fleet)).toBe(true);
  });

  it('restores the approved revision only; a changed file is pending', async () => {
    const device = await room({ 'Standby.Delay': '30', 'SystemUnit.Name': 'Boardroom' });
    await world.reconcile('enforce');
    await world.applyOne('room-1');
    expect(await world.revisions.isPending(world.fleet)).toBe(false);
    await world.wish({ 'room-1': { 'Standby.Delay': '60', 'Standby.Control': 'Off' } });
    expect(await world.revisions.isPending(world.fleet)).toBe(true);
    device.state.turnKnob('Standby.Delay', '99');
    device.state.turnKnob('SystemUnit.Name', 'Somebody');
    expect(await world.look('room-1')).toMatchObject({ state: 'in-sync' });
    expect([holdsDelay(), world.held('room-1', 'SystemUnit.Name')]).toEqual(['30', 'Boardroom']);
    expect(world.held('room-1', 'Standby.Control')).toBe('On');
    expect((await world.written()).slice(2)).toEqual([
      'drift Standby.Delay 99 30 accepted',
      'drift SystemUnit.Name Somebody Boardroom accepted',
    ]);
  });

  it('leaves a secret alone that was approved and is another in the file, or none', async () => {
    await room({ 'SIP.Authentication.Password': new Secret('one') });
    await world.reconcile('enforce');
    await world.applyOne('room-1');
    for (const wishes of [{ 'SIP.Authentication.Password': new Secret('two') }, {}]) {
      await world.wish({ 'room-1': wishes });
      expect(await world.look('room-1')).toMatchObject({ state: 'in-sync' });
      expect(world.held('room-1', 'SIP.Authentication.Password')).toBe('one');
    }
  });

  it('waits while the room is in use and never writes to a protected device', async () => {
    const device = await room({ 'Standby.Delay': '30' });
    await world.reconcile('enforce');
    await world.applyOne('room-1');
    device.state.turnKnob('Standby.Delay', '99');
    await people(device, 1);
    expect(await world.look('room-1')).toMatchObject({ waiting: 'People Presence says yes' });
    await world.wish({ 'room-1': { 'Standby.Delay': '30' } }, { 'room-1': { protected: true } });
    await people(device, 0);
    expect(await world.look('room-1')).toMatchObject({ waiting: 'protected', drift: 1 });
    expect(holdsDelay()).toBe('99');
  });

  it('counts only corrections that the device heard of', async () => {
    const device = await room({ 'Standby.Delay': '30' });
    await world.reconcile('enforce');
    await world.applyOne('room-1');
    device.state.turnKnob('Standby.Delay', '99');
    const id = world.target('room-1')?.device.address.id ?? 0;
    const [change] = (await world.plan('room-1')).changes;
    if (change === undefined) throw new Error('no change');
    const ledger = world.writes.ledger({ deviceId: id, revisionId: null, actor: 'drift' });
    for (const outcome of ['failed', 'held', 'waiting'] as const)
      await ledger.settle(await ledger.intend([change]), [{ change, outcome, detail: null }]);
    world.mode = 'enforce';
    await world.look('room-1');
    await until('it is put back', () => holdsDelay() === '30');
    expect(fights()).toEqual([]);
  });

  it('keeps the extra resources also before an approval, and tells of what is wrong with them', async () => {
    await room({ 'Standby.Delay': '30' });
    const seen: string[] = [];
    const slot: AnyResource = {
      kind: 'feedback-slot',
      observe: () => Promise.resolve(null),
      diff: () => ({
        changes: [],
        untouched: 0,
        problems: [{ path: 'HttpFeedback', message: 'none is free' }],
        hints: [],
      }),
      apply: () => Promise.resolve([]),
    };
    world.extra = [{ ...slot, observe: (device) => Promise.resolve(seen.push(device.address.name)) }];
    await world.reconcile('enforce');
    expect(await world.look('room-1')).toMatchObject({
      state: 'drift',
      problems: [{ path: 'HttpFeedback', message: 'none is free' }],
    });
    world.mode = 'observe';
    await world.look('room-1');
    expect(seen).toEqual(['room-1']);
  });

  it('shows a device that is away as such and the others are kept', async () => {
    world = await FleetWorld.open([{ name: 'room-1' }, { name: 'room-2' }]);
    await people(world.simulator.device('room-2'), 0);
    await world.wish({ 'room-1': { 'Standby.Delay': '30' }, 'room-2': { 'Standby.Delay': '30' } });
    world.simulator.device('room-1').fault('offline', null);
    await world.reconcile('enforce');
    await world.apply(['room-1', 'room-2']);
    expect(await world.look('room-1')).toMatchObject({ state: 'unreachable', drift: 0 });
    expect(await world.look('room-2')).toMatchObject({ state: 'in-sync' });
  });
});

const fights = () => world.fights.list(world.target('room-1')?.device.address.id ?? 0);
const told = async (): Promise<unknown[]> => {
  const events = await readEvents(world.temporary.database, {
    afterSeq: 0,
    limit: 1_000,
    kinds: ['fight'],
  });
  return events.map(({ path, payload }) => {
    const { state, reason = null } = payload as { state: string; reason?: string };
    return [path, state, reason];
  });
};

/** Roomd wins three times; then the fourth change is left standing. */
async function fought(wishes: Wishes = { 'Standby.Delay': '30', 'SystemUnit.Name': 'Boardroom' }) {
  const device = await room(wishes);
  await world.reconcile('enforce');
  await world.applyOne('room-1');
  for (let times = 0; times < 3; times += 1) {
    device.state.turnKnob('Standby.Delay', '99');
    await world.look('room-1');
    expect(holdsDelay()).toBe('30');
  }
  expect(await world.look('room-1')).toMatchObject({ state: 'in-sync', problems: [] });
  expect(fights()).toEqual([]);
  device.state.turnKnob('Standby.Delay', '99');
  return device;
}

describe('a setting that something else keeps changing back', () => {
  it('is a fight after three corrections within the hour: told once, with times and values, and left alone', async () => {
    const { logger, lines } = keepingLogger();
    const device = await fought();
    world.logger = logger;
    await world.restart();
    device.state.turnKnob('SystemUnit.Name', 'Somebody');
    const left = await world.look('room-1');
    expect(left).toMatchObject({ state: 'drift', drift: 1 });
    expect(left.waiting).toContain('Standby.Delay is fought over');
    expect([holdsDelay(), world.held('room-1', 'SystemUnit.Name')]).toEqual(['99', 'Boardroom']);
    await world.look('room-1');
    const [fight, ...others] = fights();
    expect(others).toEqual([]);
    expect(fight).toMatchObject({ path: 'Standby.Delay', ours: '30', theirs: '99' });
    expect(fight?.flips.map(({ value }) => value)).toEqual(['99', '30', '99', '30', '99', '30', '99']);
    const ids = await world.temporary.database.read(
      world.temporary.database.query
        .selectFrom('write')
        .select('id')
        .where('actor', '=', 'drift')
        .where('path', '=', 'Standby.Delay'),
    );
    expect(fight?.flips.flatMap(({ write }) => write ?? [])).toEqual(ids.map(({ id }) => id));
    expect(await told()).toEqual([['Standby.Delay', 'opened', null]]);
    expect(lines.filter(({ message }) => message.startsWith('A setting is fought over'))).toHaveLength(1);
  });

  it('goes on over a restart of roomd', async () => {
    await fought();
    await world.look('room-1');
    const before = fights();
    expect(before).toHaveLength(1);
    await world.restart();
    expect(fights()).toEqual(before);
    await world.look('room-1');
    expect(holdsDelay()).toBe('99');
    expect(await told()).toHaveLength(1);
  });

  it('ends when nobody changes it for an hour, and is put right again; whoever goes on changing it keeps it open', async () => {
    const device = await fought();
    await world.look('room-1');
    world.clock.aheadMs += HOUR - 60_000;
    device.state.turnKnob('Standby.Delay', '98');
    await world.look('room-1');
    expect(fights()[0]).toMatchObject({ theirs: '98' });
    world.clock.aheadMs += HOUR - 60_000;
    await world.look('room-1');
    expect(holdsDelay()).toBe('98');
    world.clock.aheadMs += 120_000;
    await world.look('room-1');
    expect(holdsDelay()).toBe('30');
    expect(fights()).toEqual([]);
    expect((await told()).at(-1)).toEqual(['Standby.Delay', 'ended', 'nobody changed it for an hour']);
  });

  it('ends when the device holds what was approved', async () => {
    const device = await fought();
    await world.look('room-1');
    device.state.turnKnob('Standby.Delay', '30');
    expect(await world.look('room-1')).toMatchObject({ state: 'in-sync' });
    expect(fights()).toEqual([]);
    await world.restart();
    expect(fights()).toEqual([]);
  });

  it('begins anew with an apply of a person', async () => {
    const device = await fought();
    await world.look('room-1');
    await world.applyOne('room-1');
    expect(holdsDelay()).toBe('30');
    expect((await told()).at(-1)).toEqual(['Standby.Delay', 'ended', 'cli:anna applied it']);
    device.state.turnKnob('Standby.Delay', '99');
    await world.look('room-1');
    expect(holdsDelay()).toBe('30');
  });

  it('is none where the file says to report it or to ignore it, and ends one', async () => {
    const device = await fought({ 'Standby.Delay': '30' });
    await world.look('room-1');
    const [desired] = world.fleet.devices;
    const reported = [...(desired?.configuration ?? [])].map(
      ([path, setting]) => [path, { ...setting, drift: 'report' as const }] as const,
    );
    await world.wish({ 'room-1': {} }, { 'room-1': { configuration: new Map(reported) } });
    expect(await world.look('room-1')).toMatchObject({ state: 'drift', drift: 1 });
    expect(fights()).toEqual([]);
    expect((await told()).at(-1)).toEqual([
      'Standby.Delay',
      'ended',
      'roomd does not keep this setting any more',
    ]);
    device.state.turnKnob('Standby.Delay', '98');
    await world.look('room-1');
    expect(fights()).toEqual([]);
  });

  it('never shows a secret', async () => {
    const device = await room({ 'SystemUnit.Name': new Secret('hush-hush') });
    await world.reconcile('enforce');
    await world.applyOne('room-1');
    for (let times = 0; times < 4; times += 1) {
      device.state.turnKnob('SystemUnit.Name', `spy-${times}`);
      await world.look('room-1');
    }
    for (let times = 0; times < 2; times += 1) await world.look('room-1');
    expect(fights()[0]).toMatchObject({ ours: '[secret]', theirs: '[secret]' });
    expect(fights()[0]?.flips).toHaveLength(7);
    expect(JSON.stringify([fights(), await told()])).not.toMatch(/hush|spy/);
  });

  it('is none where the device refuses it: that is said, and it is left alone all the same', async () => {
    const device = await room({ 'Standby.Delay': '30' });
    await world.reconcile('enforce');
    await world.applyOne('room-1');
    world.bend = (straight) =>
      bent(straight, {
        writeConfiguration: () =>
          Promise.resolve([{ path: 'Standby.Delay', outcome: 'refused' as const, reason: 'no' }]),
      });
    device.state.turnKnob('Standby.Delay', '99');
    for (let times = 0; times < 3; times += 1) await world.look('room-1');
    const left = await world.look('room-1');
    expect(left.waiting).toContain('written 3 times within the hour and the device refused it');
    expect(fights()).toEqual([]);
    expect(await world.written()).toHaveLength(4);
  });
});
