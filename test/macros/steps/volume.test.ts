import { describe, expect, it } from 'vitest';
import { volume } from '../../../src/macros/steps/volume.ts';
import { problemsOf, sampleFleet } from '../sample-fleet.ts';
import { runStep, stepRoom } from '../step-context.ts';

describe('volume', () => {
  it('makes the loudspeakers as loud as it says', async () => {
    const here = stepRoom();
    expect(await runStep(volume, { level: 35 }, here)).toEqual({ result: 'the volume is 35' });
    expect(here.device.state.status('Audio.Volume')).toBe(35);
  });

  it('mutes and unmutes the loudspeakers and leaves the microphones', async () => {
    const here = stepRoom();
    expect(await runStep(volume, 'mute', here)).toEqual({ result: 'the loudspeakers are mute' });
    expect(here.device.state.status('Audio.VolumeMute')).toBe('On');
    expect(here.device.state.status('Audio.Microphones.Mute')).toBe('Off');
    expect(await runStep(volume, 'unmute', here)).toEqual({ result: 'the loudspeakers are not mute' });
    expect(here.device.state.status('Audio.VolumeMute')).toBe('Off');
  });

  it('fails where the status does not show it', async () => {
    const here = stepRoom();
    here.device.before = (path) => {
      if (path === 'Audio') here.device.state.core.setStatus('Audio.Volume', 80);
    };
    expect(await runStep(volume, { level: 10 }, here)).toMatchObject({
      code: 'failed',
      message: 'the volume did not change (xStatus Audio.Volume is 80, not 10)',
    });
  });

  it('takes 0 to 100', () => {
    const macros = [{ name: 'loud', devices: 'all', steps: [{ volume: { level: 101 } }] }];
    expect(() => problemsOf(sampleFleet({ macros }))).toThrow('at most 100.');
  });
});
