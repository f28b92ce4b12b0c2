import { describe, expect, it } from 'vitest';
import { standby } from '../../../src/macros/steps/standby.ts';
import { wake } from '../../../src/macros/steps/wake.ts';
import { runStep, stepRoom } from '../step-context.ts';

describe('standby', () => {
  it('puts the device to sleep and sees that it is', async () => {
    const here = stepRoom();
    expect(await runStep(standby, 'on', here)).toEqual({ result: 'the device is in standby' });
    await here.clock.advance(5_000);
    expect(here.device.state.standby.state).toBe('Standby');
  });

  it('leaves a device that sleeps alone', async () => {
    const here = stepRoom();
    here.device.state.standby.activate();
    here.device.before = (path) => {
      if (path === 'Standby.Activate') throw new Error('it was told again');
    };
    expect(await runStep(standby, 'on', here)).toEqual({ result: 'the device is in standby already' });
  });

  it('puts it halfway to sleep', async () => {
    const here = stepRoom();
    expect(await runStep(standby, 'halfwake', here)).toEqual({ result: 'the device is half awake' });
    expect(here.device.state.standby.state).toBe('Halfwake');
  });

  it('fails where the device takes the command and stays awake', async () => {
    const here = stepRoom();
    here.device.before = (path) => {
      if (path === 'Standby') here.device.state.standby.deactivate();
    };
    expect(await runStep(standby, 'on', here)).toMatchObject({
      code: 'failed',
      message: expect.stringContaining('xStatus Standby.State is Off'),
    });
  });
});

describe('wake', () => {
  it('wakes the device and sees that it is awake', async () => {
    const here = stepRoom();
    here.device.state.standby.activate();
    await here.clock.advance(5_000);
    expect(await runStep(wake, {}, here)).toEqual({ result: 'the device is awake' });
    expect(here.device.state.standby.state).toBe('Off');
  });

  it('has nothing to do on one that is awake', async () => {
    expect(await runStep(wake, {}, stepRoom())).toEqual({ result: 'the device was awake already' });
  });
});
