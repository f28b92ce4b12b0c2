import { expect, test } from 'vitest';
import { getDevice, listDevices } from '../../src/actions/devices.ts';
import { plan } from '../../src/actions/plan.ts';
import { line } from '../cli/command-line.ts';
import { eventually, fleetText, freePort, runDaemon, simulated } from '../support/world.ts';

const TAKEN = /every feedback slot that roomd may use \(1, 2 and 4\) belongs to another system/;

test('a device without a free slot is told as such by status, plan, doctor and the API', async () => {
  const simulator = await simulated([{ name: 'hall' }, { name: 'attic' }]);
  for (const slot of [1, 2, 3, 4])
    simulator.device('hall').state.slots.register({
      slot,
      url: `http://panels.example/${slot}`,
      format: 'XML',
      expressions: ['/Status/Audio'],
    });
  const feedbackPort = await freePort();
  const text = fleetText({ devices: simulator.devices, mode: 'enforce', feedbackPort });
  const { act, folder: cwd } = await runDaemon(text);
  await eventually(async () => {
    const { items } = await act(listDevices);
    expect(items.map(({ slot }) => slot.state)).toEqual(['ok', 'failed']);
  }, 15_000);

  const hall = await act(getDevice, { name: 'hall' });
  expect(hall.slot.reason).toMatch(TAKEN);
  expect(hall.configuration).toMatchObject({ state: 'problem', problems: [{ path: 'HttpFeedback' }] });
  expect(hall.drift).toBe(0);

  const status = (await line(['status'], { cwd })).out.split('\n');
  expect(status.find((row) => row.startsWith('hall'))).toMatch(TAKEN);
  expect(status.find((row) => row.startsWith('attic'))).not.toMatch(TAKEN);

  const planned = await line(['plan', '-d', 'hall'], { cwd });
  expect([planned.code, planned.out]).toEqual([3, expect.stringMatching(TAKEN)]);
  expect(await act(plan, { devices: 'hall' })).toMatchObject({
    devices: [{ state: 'drift', changes: [] }],
    summary: { inSync: 0, drift: 1, problems: 1 },
  });
  expect((await line(['plan', '-d', 'attic'], { cwd })).code).toBe(0);

  const told = await line(['doctor'], { cwd });
  expect([told.code, told.out]).toEqual([1, expect.stringMatching(new RegExp(`✗ hall: .*${TAKEN.source}`))]);
  expect(told.out).toMatch(/roomd slots -d hall/);
  expect(told.out).toMatch(/✓ attic: /);
}, 60_000);
