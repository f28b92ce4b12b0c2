import { expect, test } from 'vitest';
import { rolloutStatus, startRollout } from '../../src/actions/rollout.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';
import { line } from './command-line.ts';

const VOLUME = 'Audio.DefaultVolume';
const ROLLOUT = 'rollout: { canary: fjord, rings: [tundra], soak: 10m, failureBudget: 1 }';

test('apply beside a rollout says that rooms leave it, before it asks', async () => {
  const simulator = await simulated([{ name: 'fjord' }, { name: 'tundra' }]);
  const { folder: cwd, act } = await runDaemon(
    fleetText({ devices: simulator.devices, configuration: { [VOLUME]: '70' }, more: ROLLOUT }),
  );
  const volume = () => simulator.device('tundra').state.configuration(VOLUME);
  expect((await line(['apply', '-d', 'tundra'], { cwd, answer: false })).err).toBe('');
  await act(startRollout);
  await eventually(async () => expect((await act(rolloutStatus)).state).toBe('running'));
  const declined = await line(['apply', '-d', 'tundra'], { cwd, answer: false });
  expect(declined.err).toMatch(/^A rollout is under way .*left out of it from then on\.$/);
  expect(volume()).toBe('50');
  const applied = await line(['apply', '-d', 'tundra', '--yes'], { cwd });
  expect([applied.code, applied.err]).toEqual([0, expect.stringContaining('A rollout is under way')]);
  expect(volume()).toBe('70');
});
