import { describe, expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { getDevice } from '../../src/actions/devices.ts';
import { placeHold, releaseHold } from '../../src/actions/hold.ts';
import { plan } from '../../src/actions/plan.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import { line } from '../cli/command-line.ts';
import { emptyRooms, PANEL, writeFleetWithContent } from '../support/room-with-content.ts';
import { eventually, freePort, runDaemon, temporaryFolder } from '../support/world.ts';

const FOREIGN_URL = 'https://other.example.com/feedback/secret';

/** What another system put there. */
function withForeignThings({ state }: SimulatedDevice): void {
  const { content, slots } = state;
  content.savePanel({ id: 'theirs', xml: PANEL('theirs'), fields: {} });
  slots.register({ slot: 2, url: FOREIGN_URL, format: 'XML', expressions: ['/Status/Call'] });
}

function holds({ state }: SimulatedDevice) {
  return {
    panels: [...state.content.panels.keys()].toSorted(),
    macros: [...state.content.macros.keys()],
    slots: state.slots.list().map(({ url }) => (url === FOREIGN_URL ? 'foreign' : 'ours')),
    volume: state.configuration('Audio.DefaultVolume'),
  };
}

const STRIPPED = { panels: ['theirs'], macros: [], slots: ['foreign'], volume: '70' };

describe('A device is retired', { timeout: 90_000 }, () => {
  test('what roomd put there goes, with proof; the daemon leaves it alone until a person takes it up by name', async () => {
    const simulator = await emptyRooms([{ name: 'hall' }]);
    const hall = simulator.device('hall');
    withForeignThings(hall);
    const folder = temporaryFolder();
    const text = writeFleetWithContent(folder, { hall }, { mode: 'enforce', feedbackPort: await freePort() });
    const { act } = await runDaemon(text, { folder });
    const view = () => act(getDevice, { name: 'hall' });
    await eventually(async () => expect((await view()).session.state).toBe('up'), 20_000);
    await act(apply);
    await eventually(async () => expect((await view()).slot.state).toBe('ok'), 20_000);
    expect(holds(hall)).toMatchObject({ panels: ['help', 'theirs'], macros: ['lights'] });

    expect((await line(['retire', 'hall'], { cwd: folder })).code).toBe(2);
    const no = await line(['retire', 'hall'], { cwd: folder, answer: false });
    expect([no.code, no.out]).toEqual([3, expect.stringMatching(/HttpFeedback\[1\].*Panel\[help\]/s)]);
    expect(holds(hall).panels).toEqual(['help', 'theirs']);

    await act(placeHold, { reason: 'filming' });
    const held = await line(['retire', 'hall', '--yes'], { cwd: folder });
    expect([held.code, held.out]).toEqual([3, expect.stringMatching(/filming.*Not everything is off hall/s)]);
    expect(holds(hall).panels).toEqual(['help', 'theirs']);
    await act(releaseHold);
    hall.state.people(3);
    const busy = await line(['retire', 'hall', '--yes'], { cwd: folder });
    expect([busy.code, busy.out]).toEqual([3, expect.stringContaining('the room is in use')]);
    expect(holds(hall)).toMatchObject({ panels: ['help', 'theirs'], slots: ['foreign'] });
    const forced = await line(['retire', 'hall', '--yes', '--force'], { cwd: folder });
    expect([forced.code, forced.out]).toEqual([
      0,
      expect.stringContaining('take hall out of the fleet file'),
    ]);
    expect(forced.out).toContain('settings stay as they are');
    expect(holds(hall)).toEqual(STRIPPED);

    hall.state.people(0);
    hall.state.turnKnob('Audio.DefaultVolume', '12');
    const again = await act(apply);
    expect([again.devices, again.retired]).toEqual([[], ['hall']]);
    expect((await act(plan)).retired).toEqual(['hall']);
    await eventually(async () => {
      expect(await view()).toMatchObject({ retired: { by: 'cli:anna' }, slot: { state: 'off' }, drift: 1 });
    }, 20_000);
    expect(holds(hall)).toEqual({ ...STRIPPED, volume: '12' });

    await act(apply, { devices: 'hall' });
    await eventually(async () => {
      expect(await view()).toMatchObject({ retired: null, slot: { state: 'ok' } });
      expect(holds(hall)).toMatchObject({ panels: ['help', 'theirs'], macros: ['lights'], volume: '70' });
    }, 20_000);
  });

  test('alone too; of one that is off nothing is claimed, and --undo puts it back into service', async () => {
    const simulator = await emptyRooms([{ name: 'hall' }]);
    const hall = simulator.device('hall');
    const cwd = temporaryFolder();
    writeFleetWithContent(cwd, { hall });
    expect((await line(['apply', '--yes'], { cwd })).code).toBe(0);
    hall.fault('offline', null);
    const off = await line(['retire', 'hall'], { cwd, answer: true });
    expect([off.code, off.out]).toEqual([
      1,
      expect.stringMatching(/Nothing was taken off.*UI panel help, device macro lights/s),
    ]);
    hall.clearFault('offline');
    expect((await line(['plan'], { cwd })).out).toContain('Left out because they are retired: hall');
    expect((await line(['retire', '--undo', 'hall'], { cwd })).code).toBe(0);
    expect((await line(['retire', '--undo', 'hall'], { cwd })).code).toBe(1);
    const done = await line(['retire', 'hall', '--yes', '--json'], { cwd });
    expect([done.code, done.json()]).toMatchObject([
      0,
      {
        device: { retired: { by: 'cli:anna' } },
        remains: [],
        applied: { changes: [{ result: 'accepted' }, {}] },
      },
    ]);
    expect(holds(hall)).toMatchObject({ panels: [], macros: [], volume: '70' });
  });
});
