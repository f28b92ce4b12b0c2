import { describe, expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { placeHold, releaseHold } from '../../src/actions/hold.ts';
import { listRuns, runMacro } from '../../src/actions/macros.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';

const MACRO = `
calls: { allow: ["*@example.com"] }
macros:
  - name: standup
    when: { schedule: "0 0 1 1 *" }
    devices: all
    steps:
      - wait: 30s
      - dial: { number: standup@example.com }
`;

describe('A hold', () => {
  test('ends macros that run and keeps every machine from writing, until it is released', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const { state } = simulator.device('hall');
    const { act } = await runDaemon(
      fleetText({
        devices: simulator.devices,
        mode: 'enforce',
        configuration: { 'Audio.DefaultVolume': '70' },
        more: MACRO,
      }),
    );
    await eventually(async () => {
      expect((await act(apply)).summary).toMatchObject({ failed: 0, notProven: 0 });
      expect(state.configuration('Audio.DefaultVolume')).toBe('70');
    });
    const run = act(runMacro, { macro: 'standup', device: 'hall' });
    await eventually(async () => {
      const { items } = await act(listRuns, {});
      expect(items.map((one) => one.state)).toEqual(['running']);
    });
    await act(placeHold, { reason: 'filming' });
    expect(await run).toMatchObject({ state: 'cancelled', reason: expect.stringContaining('filming') });

    state.turnKnob('Audio.DefaultVolume', '12');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(state.configuration('Audio.DefaultVolume')).toBe('12');
    expect((await act(apply)).summary).toMatchObject({ accepted: 0, waiting: 1 });
    expect(state.configuration('Audio.DefaultVolume')).toBe('12');
    await act(releaseHold);
    await eventually(() => expect(state.configuration('Audio.DefaultVolume')).toBe('70'));
  }, 30_000);
});
