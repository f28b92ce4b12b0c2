import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';
import type { SimulatedDeviceSpec } from '../../src/simulator/server.ts';
import { otherWay, type SimulatorSettings } from '../../src/simulator/settings.ts';
import { XapiError } from '../../src/xapi/errors.ts';
import { bent, FleetWorld, outcomes, until, type Wishes } from './world.ts';

let world: FleetWorld;

afterEach(() => world.close());

async function room(
  wishes: Wishes,
  spec: Partial<SimulatedDeviceSpec> = {},
  simulator: Partial<SimulatorSettings> = {},
): Promise<void> {
  world = await FleetWorld.open([{ name: 'room-1', ...spec }], { simulator });
  world.simulator.device('room-1').state.people(0);
  await until('nobody is there', () => status('RoomAnalytics.PeoplePresence') === 'No');
  await world.wish({ 'room-1': wishes });
}

function failWriting(failure: XapiError): void {
  const writeConfiguration = (): Promise<never> => Promise.reject(failure);
  world.bend = (device) => bent(device, { writeConfiguration });
}

const status = (path: string): unknown => world.simulator.device('room-1').state.status(path);
const putxmls = (): number => world.simulator.device('room-1').counters.requests.get('POST /putxml') ?? 0;

describe('applying to a device in a free room', () => {
  it('writes one document, proves it and leaves an empty plan', async () => {
    await room({ 'Standby.Delay': '30', 'SystemUnit.Name': 'Blåbær', 'Standby.Control': 'On' });
    expect((await world.plan('room-1')).changes.map(({ path, from, to }) => [path, from, to])).toEqual([
      ['Standby.Delay', '10', '30'],
      ['SystemUnit.Name', 'room-1', 'Blåbær'],
    ]);
    expect(putxmls()).toBe(0);
    expect(outcomes(await world.applyOne('room-1'))).toEqual([
      'Standby.Delay accepted',
      'SystemUnit.Name accepted',
    ]);
    expect(putxmls()).toBe(1);
    expect([world.held('room-1', 'Standby.Delay'), world.held('room-1', 'SystemUnit.Name')]).toEqual([
      '30',
      'Blåbær',
    ]);
    expect(await world.plan('room-1')).toMatchObject({ state: 'in-sync', changes: [], untouched: 3 });
    expect(await world.written()).toEqual([
      'cli:anna Standby.Delay 10 30 accepted',
      'cli:anna SystemUnit.Name room-1 Blåbær accepted',
    ]);
  });

  it('writes nothing where nothing differs: 030 is 30 to a device', async () => {
    await room({ 'Standby.Delay': '010', 'standby.control': 'On' });
    expect(outcomes(await world.applyOne('room-1'))).toEqual([]);
    expect(putxmls()).toBe(0);
  });

  it.each([{}, { settingErrorShape: 'bare' as const }])(
    'ties a refusal to its setting and keeps what was taken (%o)',
    async (simulator) => {
      await room(
        { 'Standby.Delay': '30', 'SystemUnit.Name': 'x'.repeat(60), 'Standby.Control': 'Off' },
        {},
        simulator,
      );
      // A device that keeps its value spaces to itself: only the device knows what it refuses.
      world.bend = (device) => bent(device, { readValueSpaces: () => Promise.resolve(new Map()) });
      const applied = await world.applyOne('room-1');
      expect(applied.results.map(({ change, outcome }) => [change.path, outcome])).toEqual([
        ['Standby.Control', 'accepted'],
        ['Standby.Delay', 'accepted'],
        ['SystemUnit.Name', 'refused'],
      ]);
      expect(world.held('room-1', 'Standby.Delay')).toBe('30');
      expect(await world.written()).toContain(`cli:anna SystemUnit.Name room-1 ${'x'.repeat(60)} refused`);
    },
  );

  it('does not send what the value space or the tree refuses, and sends the rest', async () => {
    await room({ 'Standby.Delay': '9999', 'Standby.Kontrol': 'On', 'Time.Zone': 'Europe/Oslo' });
    const applied = await world.applyOne('room-1');
    expect(outcomes(applied)).toEqual(['Time.Zone accepted']);
    expect(applied.problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'Standby.Delay: the device refuses "9999": expected an integer from 1 to 480 (by the device itself).',
      'Standby.Kontrol: the device has no such setting. Did you mean "Standby.Control"?',
    ]);
  });

  it('says differs where the device says Success and keeps the old value', async () => {
    await room({ 'Standby.Delay': '30' });
    world.bend = (device) =>
      bent(device, {
        writeConfiguration: (settings) =>
          Promise.resolve(settings.map(({ path }) => ({ path, outcome: 'accepted' as const }))),
      });
    expect(outcomes(await world.applyOne('room-1'))).toEqual([
      'Standby.Delay differs the device said Success and holds "10"',
    ]);
  });

  it('believes what the device holds more than an error that names no setting', async () => {
    await room({ 'Standby.Delay': '30', 'Standby.Control': 'Off' });
    world.bend = (device) =>
      bent(device, {
        writeConfiguration: async (settings, options) => {
          await device.writeConfiguration(settings, options);
          return settings.map(({ path }) => ({ path, outcome: 'refused' as const, reason: 'one of them' }));
        },
      });
    expect(outcomes(await world.applyOne('room-1'))).toEqual([
      'Standby.Control accepted',
      'Standby.Delay accepted',
    ]);
  });

  it('proves over a reboot between the write and the read-back', async () => {
    await room({ 'Standby.Delay': '30' }, {}, { bootLeadMs: 1, rebootMs: 150 });
    world.bend = (device) =>
      bent(device, {
        writeConfiguration: async (settings, options) => {
          const answers = await device.writeConfiguration(settings, options);
          world.simulator.device('room-1').reboot();
          await until('it is away', () => !world.simulator.device('room-1').state.isOn);
          return answers;
        },
      });
    expect(outcomes(await world.applyOne('room-1'))).toEqual(['Standby.Delay accepted']);
  });

  it('never says accepted without proof: a device that stays away has failed', async () => {
    await room({ 'Standby.Delay': '30', 'SIP.Authentication.Password': new Secret('hunter2') });
    world.bend = (device) =>
      bent(device, {
        writeConfiguration: async (settings, options) => {
          const answers = await device.writeConfiguration(settings, options);
          world.simulator.device('room-1').fault('offline', null);
          return answers;
        },
      });
    const applied = await world.applyOne('room-1', { readBackWaitsMs: [5, 5] });
    expect(applied.results.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(applied.results[0]?.detail).toContain('could not be read back');
    expect(await world.written()).toEqual([
      expect.stringMatching(/^cli:anna SIP.Authentication.Password \[secret\] hmac:[0-9a-f]{16} unknown$/),
      'cli:anna Standby.Delay 10 30 unknown',
    ]);
  });

  it('proves a write whose answer was lost, by what the device holds', async () => {
    await room({ 'Standby.Delay': '30' });
    world.bend = (device) =>
      bent(device, {
        writeConfiguration: async (settings, options) => {
          await device.writeConfiguration(settings, options);
          throw new XapiError('deadline', 'no answer in time');
        },
      });
    expect(outcomes(await world.applyOne('room-1'))).toEqual(['Standby.Delay accepted']);
  });

  it('calls the refusal of a whole document refused, and one without an answer failed', async () => {
    await room({ 'Standby.Delay': '30' });
    failWriting(new XapiError('permission', 'the account needs the Admin role'));
    expect(outcomes(await world.applyOne('room-1'))).toEqual([
      'Standby.Delay refused the account needs the Admin role',
    ]);
    failWriting(new XapiError('busy', '503'));
    expect(outcomes(await world.applyOne('room-1'))).toEqual(['Standby.Delay failed not proven: 503']);
  });

  it('does not write to a device of another kind than the file says', async () => {
    await room({});
    await world.wish({ 'room-1': { 'Standby.Delay': '30' } }, { 'room-1': { kind: 'board' } });
    const applied = await world.applyOne('room-1');
    expect(outcomes(applied)).toEqual([
      'Standby.Delay refused not sent: the file says board, the device is a Cisco Codec Pro',
    ]);
    expect(putxmls()).toBe(0);
    expect((await world.plan('room-1')).problems).toEqual([
      { path: 'kind', message: 'the file says board, the device is a Cisco Codec Pro' },
    ]);
  });

  it('rejects with the reason when the person calls it off, and says what is not known', async () => {
    await room({ 'Standby.Delay': '30' });
    const calling = new AbortController();
    world.bend = (device) =>
      bent(device, {
        writeConfiguration: (settings, options) => {
          calling.abort(new Error('called off'));
          return device.writeConfiguration(settings, options);
        },
      });
    await expect(world.applyOne('room-1', { signal: calling.signal })).rejects.toThrow('called off');
    expect(await world.written()).toEqual(['cli:anna Standby.Delay 10 30 unknown']);
  });
});

describe('secrets', () => {
  const wishes = { 'SIP.Authentication.Password': new Secret('hunter2') };

  it.each([{}, { hiddenValue: otherWay.hiddenValue }])(
    'are accepted unreadable once and are no drift after, nor after a restart (%o)',
    async (simulator) => {
      await room(wishes, {}, simulator);
      expect(outcomes(await world.applyOne('room-1'))).toEqual([
        'SIP.Authentication.Password accepted-unreadable the device accepted it and does not show it',
      ]);
      expect(world.held('room-1', 'SIP.Authentication.Password')).toBe('hunter2');
      await world.restart();
      expect(await world.plan('room-1')).toMatchObject({ state: 'in-sync', untouched: 1 });
      await world.wish({ 'room-1': { 'SIP.Authentication.Password': new Secret('hunter3') } });
      expect((await world.plan('room-1')).changes).toMatchObject([{ from: '[secret]', to: '[secret]' }]);
    },
  );

  it('stand nowhere in clear: not in plans, results, events, writes or revisions', async () => {
    await room({
      ...wishes,
      'SIP.DisplayName': new Secret('s3cret-name'),
      'Standby.Delay': new Secret('99x9'),
    });
    world.bend = (device) =>
      bent(device, {
        writeConfiguration: (settings) =>
          Promise.resolve(
            settings.map(({ path, value }) => ({ path, outcome: 'refused' as const, reason: `"${value}"?` })),
          ),
      });
    const [plan, applied] = [await world.plan('room-1'), await world.applyOne('room-1')];
    expect(applied.results).toHaveLength(2);
    expect(applied.problems).toHaveLength(1);
    const all = JSON.stringify([plan, applied]) + (await world.everything());
    for (const secret of ['hunter2', 's3cret-name', '99x9']) expect(all).not.toContain(secret);
    expect(applied.results[0]?.detail).toBe('"[secret]"?');
  });

  it('that the device masks are not printed either where the file has them in clear', async () => {
    await room({ 'SIP.Authentication.Password': 'x'.repeat(200) });
    const plan = await world.plan('room-1');
    expect(plan.problems).toEqual([
      {
        path: 'SIP.Authentication.Password',
        message:
          'the device refuses the secret: expected at most 128 bytes of UTF-8, not 200 (by the device itself).',
        place: { file: 'fleet.yaml', line: 1, column: 1 },
      },
    ]);
  });

  it('are written anew after a person vouched for another unit', async () => {
    await room(wishes);
    await world.applyOne('room-1');
    const id = world.target('room-1')?.device.address.id ?? 0;
    const [row] = (await world.store.all()).filter((one) => one.id === id);
    if (row === undefined) throw new Error('the device has no row');
    await world.store.bind(row, { serial: 'FOC2', product: 'Codec', software: 'ce26' }, 'cli:anna');
    expect((await world.plan('room-1')).changes).toHaveLength(1);
  });

  it('are written anew after a write whose outcome nobody knows', async () => {
    await room(wishes);
    await world.applyOne('room-1');
    const id = world.target('room-1')?.device.address.id ?? 0;
    const [change] = (await world.plan('room-1')).changes;
    expect(change).toBeUndefined();
    const other = { ...wishes, 'SIP.Authentication.Password': new Secret('other') };
    await world.wish({ 'room-1': other });
    const [next] = (await world.plan('room-1')).changes;
    if (next === undefined) throw new Error('no change');
    await world.writes.ledger({ deviceId: id, revisionId: null, actor: 'cli:anna' }).intend([next]);
    await world.restart();
    await world.wish({ 'room-1': wishes });
    expect((await world.plan('room-1')).changes).toHaveLength(1);
  });
});

describe('a room in use', () => {
  it('keeps what people could notice waiting and takes the rest; force by name writes', async () => {
    await room({ 'Standby.Delay': '30', 'RoomAnalytics.PeopleCountOutOfCall': 'On' });
    world.simulator.device('room-1').state.people(2);
    await until('someone is there', () => status('RoomAnalytics.PeoplePresence') === 'Yes');
    expect(outcomes(await world.applyOne('room-1'))).toEqual([
      'RoomAnalytics.PeopleCountOutOfCall accepted',
      'Standby.Delay waiting People Presence says yes',
    ]);
    expect(world.held('room-1', 'Standby.Delay')).toBe('10');
    expect(outcomes(await world.applyOne('room-1', { force: true }))).toEqual(['Standby.Delay accepted']);
  });
});

describe('a hold', () => {
  it('stops everything, forced or not', async () => {
    await room({ 'Standby.Delay': '30' });
    await world.holds.place({ selector: null, reason: 'audit', actor: 'anna' });
    expect(outcomes(await world.applyOne('room-1', { force: true }))).toEqual([
      'Standby.Delay held held by anna: audit',
    ]);
    expect(await world.written()).toEqual([]);
  });

  it('placed while the room is asked, or while the intent is stored, still stops the document', async () => {
    await room({ 'Standby.Delay': '30' });
    const target = world.target('room-1');
    if (target === null) throw new Error('no target');
    const guards = world.guards(target, { byMachine: false, force: false });
    const late = {
      ...guards,
      inUse: async () => {
        await world.holds.place({ selector: 'room-1', reason: 'late', actor: 'anna' });
        return null;
      },
    };
    expect(outcomes(await world.applyOne('room-1', { guards: late }))).toEqual([
      'Standby.Delay held held by anna: late',
    ]);
    expect(putxmls()).toBe(0);
    expect(world.held('room-1', 'Standby.Delay')).toBe('10');
    expect(await world.written()).toEqual(['cli:anna Standby.Delay 10 30 withdrawn']);
  });
});

describe('intent before the act', () => {
  it('is on record while the device is written to, and unknown after a crash', async () => {
    await room({ 'Standby.Delay': '30' });
    let during: string[] = [];
    world.bend = (device) =>
      bent(device, {
        writeConfiguration: async (settings, options) => {
          during = await world.written();
          return device.writeConfiguration(settings, options);
        },
      });
    await world.applyOne('room-1');
    expect(during).toEqual(['cli:anna Standby.Delay 10 30 intended']);
  });
});
