import { describe, expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { getDevice } from '../../src/actions/devices.ts';
import { listEvents } from '../../src/actions/events.ts';
import { reload } from '../../src/actions/system.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import { line } from '../cli/command-line.ts';
import { emptyRooms, writeFleetWithContent } from '../support/room-with-content.ts';
import { eventually, freePort, runDaemon, temporaryFolder } from '../support/world.ts';

function requestsOf({ counters }: SimulatedDevice): number {
  return [...counters.requests.values()].reduce((sum, times) => sum + times, 0);
}

describe('A unit is replaced', { timeout: 90_000 }, () => {
  test('the new one is shown, accepted in two steps, and brought to the approved state with all that belongs to it', async () => {
    const simulator = await emptyRooms([{ name: 'old' }, { name: 'new' }]);
    const [old, spare] = [simulator.device('old'), simulator.device('new')];
    const folder = temporaryFolder();
    const more = { mode: 'enforce' as const, feedbackPort: await freePort() };
    const { act } = await runDaemon(writeFleetWithContent(folder, { hall: old }, more), { folder });
    const state = async () => (await act(getDevice, { name: 'hall' })).session.state;
    await eventually(async () => expect(await state()).toBe('up'), 20_000);
    expect((await act(apply, { devices: 'hall' })).summary).toMatchObject({ notProven: 0, failed: 0 });
    expect(old.state.content.panels.has('help')).toBe(true);

    writeFleetWithContent(folder, { hall: spare }, more);
    await act(reload);
    await eventually(async () => expect(await state()).toBe('certificate-changed'), 20_000);
    const asked = requestsOf(spare);
    const no = await line(['replace', 'hall'], { cwd: folder, answer: false });
    expect([no.code, no.out]).toEqual([3, expect.stringContaining(spare.fingerprint256)]);
    expect(requestsOf(spare)).toBe(asked);

    const yes = await line(['replace', 'hall'], { cwd: folder, answer: true });
    expect([yes.code, yes.out]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(
          `On record: ${old.serial}, .*\nAnswers now: ${spare.serial}, .*hall is now the unit ${spare.serial}`,
          's',
        ),
      ),
    ]);
    expect(spare.state.configuration('Audio.DefaultVolume')).toBe('70');
    expect([...spare.state.content.panels.keys()]).toEqual(['help']);
    expect([...spare.state.content.macros.keys()]).toEqual(['lights']);
    await eventually(async () => {
      const { serial, slot, drift } = await act(getDevice, { name: 'hall' });
      expect({ serial, slot: slot.state, drift }).toEqual({ serial: spare.serial, slot: 'ok', drift: 0 });
    }, 20_000);
    const { items } = await act(listEvents, { device: 'hall', kinds: 'trust' });
    expect(items.map(({ payload }) => payload)).toMatchObject([
      { what: 'certificate', from: old.fingerprint256, to: spare.fingerprint256 },
      { what: 'serial', from: old.serial, to: spare.serial, actor: 'cli:anna' },
    ]);
    const again = await line(['replace', 'hall'], { cwd: folder, answer: true });
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('there is nothing to replace')]);
  });

  test('a script names the unit; one without the account is told to need it, and tried once for each time', async () => {
    const simulator = await emptyRooms([{ name: 'old' }, { name: 'new', wrongPassword: true }]);
    const [old, spare] = [simulator.device('old'), simulator.device('new')];
    const cwd = temporaryFolder();
    writeFleetWithContent(cwd, { hall: old });
    expect((await line(['apply', '--yes'], { cwd })).code).toBe(0);
    writeFleetWithContent(cwd, { hall: spare });
    for (const argv of [
      ['replace', 'hall'],
      ['replace', 'hall', '--yes'],
      ['replace', 'hall', '--json'],
    ])
      expect([argv, (await line(argv, { cwd })).code]).toEqual([argv, 2]);
    const named = ['replace', 'hall', '--yes', '--serial', spare.serial];
    for (const times of [1, 2]) {
      const { code, err } = await line(named, { cwd });
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(/needs bootstrap.*make the user "admin" with the role Admin/),
      ]);
      expect(spare.failedLogins).toBe(times);
    }
    const plan = await line(['plan'], { cwd });
    expect(plan.out).toContain('login-refused');
    expect(spare.failedLogins).toBe(2);
  });

  test('units that changed places are recognised, and nothing is bound', async () => {
    const simulator = await emptyRooms([{ name: 'one' }, { name: 'two' }]);
    const [one, two] = [simulator.device('one'), simulator.device('two')];
    const cwd = temporaryFolder();
    writeFleetWithContent(cwd, { hall: one, lobby: two });
    expect((await line(['apply', '--yes'], { cwd })).code).toBe(0);
    writeFleetWithContent(cwd, { hall: two, lobby: one });
    const swapped = await line(['replace', 'hall', '--yes', '--serial', two.serial], { cwd });
    expect([swapped.code, swapped.err]).toEqual([
      1,
      expect.stringMatching(/on record as lobby .* changed places.*correct "host" of hall and lobby/),
    ]);
    writeFleetWithContent(cwd, { hall: one, lobby: two });
    expect((await line(['plan'], { cwd })).code).toBe(0);
  });

  test('another unit than the one that was named is not taken', async () => {
    const simulator = await emptyRooms([{ name: 'old' }, { name: 'new' }]);
    const [old, spare] = [simulator.device('old'), simulator.device('new')];
    const cwd = temporaryFolder();
    writeFleetWithContent(cwd, { hall: old });
    expect((await line(['apply', '--yes'], { cwd })).code).toBe(0);
    writeFleetWithContent(cwd, { hall: spare });
    const other = await line(['replace', 'hall', '--yes', '--serial', 'FOC0'], { cwd });
    expect([other.code, other.err]).toEqual([1, expect.stringContaining('not FOC0: nothing was changed')]);
    expect(spare.state.configuration('Audio.DefaultVolume')).toBe('50');
    const taken = await line(['replace', 'hall', '--yes', '--serial', spare.serial, '--json'], { cwd });
    expect([taken.code, taken.json()]).toMatchObject([
      0,
      {
        device: { serial: spare.serial },
        applied: { state: 'drift', changes: [{ result: 'accepted' }, {}, {}, {}] },
      },
    ]);
    expect((await line(['plan'], { cwd })).code).toBe(0);
  });
});
