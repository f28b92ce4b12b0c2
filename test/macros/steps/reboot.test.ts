import { describe, expect, it } from 'vitest';
import type { Occupancy } from '../../../src/fleet/occupancy.ts';
import { reboot } from '../../../src/macros/steps/reboot.ts';
import { XapiError } from '../../../src/xapi/errors.ts';
import { runStep, type StepRoom, samplePorts, stepRoom } from '../step-context.ts';

const FREE: Occupancy = { state: 'free', reason: '' };

async function room(): Promise<{ here: StepRoom; boots: () => number }> {
  const here = stepRoom();
  let boots = 0;
  here.device.state.listen((news) => {
    if (news.kind === 'event' && news.path.text === 'BootEvent') boots += 1;
  });
  await here.clock.advance(3_600_000);
  return { here, boots: () => boots };
}

function run(here: StepRoom, args: object = {}, occupancy: Occupancy = FREE) {
  const ports = samplePorts(here.sent, { occupancy: () => Promise.resolve(occupancy) });
  return runStep(reboot, args, here, { changes: { ports } });
}

describe('reboot', () => {
  it('restarts a device whose room is free and waits until it is back', async () => {
    const { here, boots } = await room();
    expect(await run(here)).toEqual({
      result: expect.stringMatching(/^restarted; it answered again after 1m3\d+s$/),
    });
    expect(boots()).toBe(1);
    expect(here.device.state.isOn).toBe(true);
  });

  it.each([
    [{ state: 'busy', reason: 'a call is connected' }, 'the room is in use (a call is connected)'],
    [{ state: 'unknown', reason: 'nobody knows' }, 'the room is perhaps in use (nobody knows)'],
  ] as const)('leaves a room that is %j', async (occupancy, why) => {
    const { here, boots } = await room();
    expect(await run(here, {}, occupancy)).toMatchObject({
      code: 'refused',
      message: `did not restart: ${why}`,
    });
    expect(boots()).toBe(0);
  });

  it('restarts one in use only where that is said', async () => {
    const { here, boots } = await room();
    const outcome = await run(here, { whenInUse: true }, { state: 'busy', reason: 'a call' });
    expect(outcome).toMatchObject({ result: expect.stringContaining('restarted') });
    expect(boots()).toBe(1);
  });

  it('takes a connection that is cut off for a yes, and the uptime for the proof', async () => {
    const { here } = await room();
    here.device.unanswered.add('SystemUnit.Boot');
    expect(await run(here)).toMatchObject({ result: expect.stringContaining('restarted') });
  });

  it('fails where the order never came through', async () => {
    const { here, boots } = await room();
    here.device.before = (path) => {
      if (path === 'SystemUnit.Boot') throw new XapiError('unreachable', 'no route');
    };
    expect(await run(here, { within: '1m' })).toMatchObject({
      code: 'failed',
      message: 'it did not restart within 1m: it went on as if nothing had been said',
    });
    expect(boots()).toBe(0);
  });

  it('fails where the device does not come back in time', async () => {
    const { here } = await room();
    expect(await run(here, { within: '30s' })).toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/^it did not restart within 30s: .*no connection/),
    });
  });
});
