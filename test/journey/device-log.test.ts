import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { deviceLog } from '../../src/actions/device-log.ts';
import { getDevice } from '../../src/actions/devices.ts';
import { line } from '../cli/command-line.ts';
import { emptyRooms, writeFleetWithContent } from '../support/room-with-content.ts';
import { eventually, PASSWORD, runDaemon, temporaryFolder } from '../support/world.ts';

const MACRO = `console.log("lights are ready");
console.warn("the password is ${PASSWORD}");
throw new Error("no such lamp");
`;

describe('What macros on a device log', { timeout: 60_000 }, () => {
  test('is recorded by the daemon, shown from the record and from the device, and holds no password', async () => {
    const simulator = await emptyRooms([{ name: 'hall' }]);
    const hall = simulator.device('hall');
    const folder = temporaryFolder();
    const text = writeFleetWithContent(folder, { hall });
    writeFileSync(join(folder, 'lights.js'), MACRO);
    const { act } = await runDaemon(text, { folder });
    await eventually(
      async () => expect((await act(getDevice, { name: 'hall' })).session.state).toBe('up'),
      20_000,
    );
    await act(apply, { devices: 'hall' });
    await eventually(async () => {
      const { lines } = await act(deviceLog, { name: 'hall', since: '1h' });
      expect(lines.map(({ level, macro, message }) => [level, macro, message])).toEqual(
        expect.arrayContaining([
          ['INFO', 'lights', 'Macro started'],
          ['LOG', 'lights', 'lights are ready'],
          ['WARN', 'lights', 'the password is [secret]'],
          ['ERROR', 'lights', 'no such lamp'],
        ]),
      );
    }, 20_000);
    const recorded = await line(['device-log', 'hall', '--since', '1h'], { cwd: folder });
    expect([recorded.code, recorded.out]).toEqual([
      0,
      expect.stringMatching(/Z {2}ERROR {2}lights {2}no such lamp/),
    ]);
    const asked = await line(['device-log', 'hall', '--json'], { cwd: folder });
    expect(asked.json()).toMatchObject({
      source: 'device',
      lines: expect.arrayContaining([expect.objectContaining({ message: 'no such lamp' })]),
    });
    expect(asked.out + recorded.out).not.toContain(PASSWORD);
    expect((await act(deviceLog, { name: 'hall', since: '1h', after: 1_000_000 })).lines).toEqual([]);
  });

  test('is asked of the device where no daemon runs; what needs one says so', async () => {
    const simulator = await emptyRooms([{ name: 'hall' }]);
    const hall = simulator.device('hall');
    const cwd = temporaryFolder();
    writeFleetWithContent(cwd, { hall });
    hall.state.turnKnob('Macros.Mode', 'On');
    hall.state.content.logMacro('theirs', 'INFO', 'hello');
    const { code, out } = await line(['device-log', 'hall'], { cwd });
    expect([code, out]).toEqual([0, expect.stringMatching(/INFO {3}theirs {2}hello/)]);
    expect((await line(['device-log', 'hall', '--follow'], { cwd })).code).toBe(2);
  });
});
