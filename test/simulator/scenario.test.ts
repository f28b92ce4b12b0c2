import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/lib/clock.ts';
import {
  playScenario,
  type Scenario,
  type ScenarioEntry,
  type ScenarioStep,
  scenarioSteps,
} from '../../src/simulator/scenario.ts';

const MINUTE = 60_000;
const DEVICES = ['sim-1', 'sim-2', 'sim-3'];

function scenario(...entries: ScenarioEntry[]): Scenario {
  return { seed: 7, lengthMs: 60 * MINUTE, entries };
}

function fixed(value: number): { least: number; most: number } {
  return { least: value, most: value };
}

const visits: ScenarioEntry = {
  where: 'any',
  when: { type: 'every', everyMs: { least: 5 * MINUTE, most: 15 * MINUTE }, fromMs: 0 },
  happening: {
    type: 'visit',
    count: { least: 1, most: 6 },
    forMs: { least: 2 * MINUTE, most: 10 * MINUTE },
  },
};
const reboot: ScenarioEntry = {
  where: ['sim-2'],
  when: { type: 'at', atMs: 30 * MINUTE },
  happening: { type: 'reboot' },
};
const calls: ScenarioEntry = {
  where: 'all',
  when: { type: 'between', fromMs: 10 * MINUTE, toMs: 20 * MINUTE, times: 2 },
  happening: { type: 'call', from: 'a@example.com', displayName: 'A', forMs: { least: 1000, most: 9000 } },
};

describe('The steps of a scenario', () => {
  it('are the same for the same seed and differ for another', () => {
    const one = [...scenarioSteps(scenario(visits, calls, reboot), DEVICES)];
    expect([...scenarioSteps(scenario(visits, calls, reboot), DEVICES)]).toEqual(one);
    expect([...scenarioSteps({ ...scenario(visits, calls, reboot), seed: 8 }, DEVICES)]).not.toEqual(one);
  });

  it('come in order of time and name only devices there are', () => {
    const steps = [...scenarioSteps(scenario(visits, calls, reboot), DEVICES)];
    const times = steps.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(steps.map(({ device }) => device))).toEqual(new Set(DEVICES));
  });

  it('of one entry do not change when another is added behind it', () => {
    const alone = [...scenarioSteps(scenario(visits), DEVICES)];
    const beside = [...scenarioSteps(scenario(visits, calls), DEVICES)];
    expect(beside.filter(({ action }) => action.type === 'people')).toEqual(alone);
  });

  it('let as many people go as came, and every caller hang up', () => {
    const steps = [...scenarioSteps(scenario(visits, calls), DEVICES)];
    const counts = steps.flatMap(({ action }) => (action.type === 'people' ? [action.count] : []));
    expect(counts.length).toBeGreaterThan(6);
    expect(counts.filter((count) => count === 0)).toHaveLength(counts.length / 2);
    expect(counts.every((count) => count <= 6)).toBe(true);
    const kinds = steps.map(({ action }) => action.type);
    expect(kinds.filter((kind) => kind === 'call-incoming')).toHaveLength(6);
    expect(kinds.filter((kind) => kind === 'call-clear')).toHaveLength(6);
  });

  it('keep to the times that an entry says', () => {
    const steps = [...scenarioSteps(scenario(reboot, calls), DEVICES)];
    expect(steps.filter(({ action }) => action.type === 'reboot')).toEqual([
      { atMs: 30 * MINUTE, device: 'sim-2', action: { type: 'reboot' } },
    ]);
    const rings = steps.filter(({ action }) => action.type === 'call-incoming').map(({ atMs }) => atMs);
    expect(Math.min(...rings)).toBeGreaterThanOrEqual(10 * MINUTE);
    expect(Math.max(...rings)).toBeLessThanOrEqual(20 * MINUTE);
  });

  it('are none where there is no device to draw', () => {
    expect([...scenarioSteps(scenario(visits), [])]).toEqual([]);
  });

  it('carry bookings, faults and knobs as they are drawn', () => {
    const at = { type: 'at', atMs: 0 } as const;
    const steps = scenarioSteps(
      scenario(
        {
          where: ['a'],
          when: at,
          happening: { type: 'booking', title: 'T', inMs: fixed(5), forMs: fixed(9) },
        },
        { where: ['b'], when: at, happening: { type: 'fault', kind: 'slow', forMs: fixed(1500) } },
        {
          where: ['c'],
          when: at,
          happening: { type: 'configuration', path: 'Standby.Control', value: 'Off' },
        },
        { where: ['d'], when: at, happening: { type: 'people', count: fixed(3) } },
      ),
      [],
    );
    expect([...steps].map(({ device, action }) => [device, action])).toEqual([
      ['a', { type: 'booking', title: 'T', startsInMs: 5, lastsMs: 9 }],
      ['b', { type: 'fault', kind: 'slow', seconds: 1.5 }],
      ['c', { type: 'configuration', path: 'Standby.Control', value: 'Off' }],
      ['d', { type: 'people', count: 3 }],
    ]);
  });
});

describe('Playing a scenario', () => {
  const steps: ScenarioStep[] = [1000, 2000, 2000, 5000].map((atMs, at) => ({
    atMs,
    device: `sim-${at}`,
    action: { type: 'reboot' },
  }));

  it('performs each step at its time', async () => {
    const clock = new ManualClock();
    const performed: [string, number][] = [];
    const played = playScenario(steps, {
      clock,
      perform: ({ device }) => {
        performed.push([device, clock.monotonic()]);
      },
    });
    await clock.advance(2500);
    expect(performed).toEqual([
      ['sim-0', 1000],
      ['sim-1', 2000],
      ['sim-2', 2000],
    ]);
    await clock.advance(2500);
    await played;
    expect(performed.at(-1)).toEqual(['sim-3', 5000]);
  });

  it('makes the next step late, and drops none, when one takes long', async () => {
    const clock = new ManualClock();
    const performed: number[] = [];
    const played = playScenario(steps, {
      clock,
      perform: () => {
        performed.push(clock.monotonic());
        return new Promise<void>((resolve) => {
          clock.after(1500, resolve);
        });
      },
    });
    await clock.advance(10_000);
    await played;
    expect(performed).toEqual([1000, 2500, 4000, 5500]);
  });

  it('ends with the reason when it is aborted', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const played = playScenario(steps, { clock, signal: controller.signal, perform: () => undefined });
    controller.abort(new Error('enough'));
    await expect(played).rejects.toThrow('enough');
  });
});
