import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scenarioSteps } from '../../src/simulator/scenario.ts';
import { readScenario, ScenarioError } from '../../src/simulator/scenario-file.ts';

function problemsOf(text: string): string[] {
  try {
    readScenario(text, 'day.yaml');
  } catch (error) {
    if (error instanceof ScenarioError) return error.message.split('\n');
    throw error;
  }
  return [];
}

const HEAD = 'version: 1\nseed: 7\nlength: 8h\n';

describe('A scenario file', () => {
  it('is read into plain data, values being the text of the file', () => {
    const { entries, ...rest } = readScenario(`${HEAD}events:
  - { device: sim-1, at: 1h30m, configuration: { path: Standby.Control, value: On } }
  - { device: sim-1, at: 250ms, configuration: { path: A.B, value: 012 } }
  - { device: [a, b], every: 10m to 20m, from: 5m, visit: { people: 1 to 6, for: 90s } }
  - { device: any, between: 1h to 2h, times: 3, fault: { kind: drop, for: 20s } }
  - { device: all, at: 0s, call: { from: a@example.com, for: 1m } }
  - { device: all, at: 5m, reboot: true }
`);
    expect(rest).toEqual({ seed: 7, lengthMs: 28_800_000 });
    expect(entries).toEqual([
      {
        where: ['sim-1'],
        when: { type: 'at', atMs: 5_400_000 },
        happening: { type: 'configuration', path: 'Standby.Control', value: 'On' },
      },
      {
        where: ['sim-1'],
        when: { type: 'at', atMs: 250 },
        happening: { type: 'configuration', path: 'A.B', value: '012' },
      },
      {
        where: ['a', 'b'],
        when: { type: 'every', everyMs: { least: 600_000, most: 1_200_000 }, fromMs: 300_000 },
        happening: { type: 'visit', count: { least: 1, most: 6 }, forMs: { least: 90_000, most: 90_000 } },
      },
      {
        where: 'any',
        when: { type: 'between', fromMs: 3_600_000, toMs: 7_200_000, times: 3 },
        happening: { type: 'fault', kind: 'drop', forMs: { least: 20_000, most: 20_000 } },
      },
      {
        where: 'all',
        when: { type: 'at', atMs: 0 },
        happening: {
          type: 'call',
          from: 'a@example.com',
          displayName: 'a@example.com',
          forMs: { least: 60_000, most: 60_000 },
        },
      },
      { where: 'all', when: { type: 'at', atMs: 300_000 }, happening: { type: 'reboot' } },
    ]);
  });

  it('has every problem told at once, in order, with line and column', () => {
    const problems = problemsOf(`version: 2
seed: x
lenght: 8h
events:
  - { device: any, at: 5x, people: 3 to 1 }
  - { device: any, at: 5m, every: 3m, reboot: true }
  - { device: any, at: 5m, fault: { kind: flood, for: 3s } }
  - { at: 5m, reboot: yes, visit: 3 }
  - 5
`);
    expect(problems).toEqual([
      'day.yaml:1:1: length: is missing',
      'day.yaml:1:10: version: expected nothing but 1',
      'day.yaml:2:7: seed: expected a whole number',
      'day.yaml:3:9: unknown key lenght. Did you mean "length"?',
      'day.yaml:5:24: events[0].at: expected a time such as 90s, 5m or 1h30m, found "5x"',
      'day.yaml:5:36: events[0].people: the range "3 to 1" ends before it begins',
      'day.yaml:6:5: events[1]: expected exactly one of at, between and every',
      expect.stringMatching(/^day\.yaml:7:43: events\[2\]\.fault\.kind: expected one of latency, drop, /),
      'day.yaml:8:5: events[3].device: is missing',
      'day.yaml:8:23: events[3].reboot: expected nothing but true',
      'day.yaml:8:35: events[3].visit: expected keys with values',
      'day.yaml:9:5: events[4]: expected keys with values',
    ]);
  });

  it.each([
    ['', 'day.yaml:1:1: expected keys with values'],
    ['a: [1\nb: 2', 'day.yaml:2:1: '],
    [`${HEAD}events: 4`, 'day.yaml:4:9: events: expected a list'],
    [`${HEAD}events: [{ device: a, at: 5m }]`, 'expected exactly one of people, visit'],
    [`${HEAD}events: [{ device: a, at: 5m, times: 2, reboot: true }]`, 'times goes with between only'],
    [`${HEAD}events: [{ device: a, at: 5m, from: 2m, reboot: true }]`, 'from goes with every only'],
    [`${HEAD}events: [{ device: a, every: 0s, reboot: true }]`, 'every needs a time above 0'],
    [
      `${HEAD}events: [{ device: a, at: 5m, people: few }]`,
      'expected a whole number, or a range such as 1 to 6',
    ],
    [
      `${HEAD}events: [{ device: a, at: 5m, people: 1 to 2 to 3 }]`,
      'expected one value, or a range such as 1 to 6',
    ],
  ])('is refused as %j', (text, problem) => {
    expect(problemsOf(text).join('\n')).toContain(problem);
  });

  it('of the examples makes an office day for any number of devices', () => {
    const path = new URL('../../examples/scenarios/office-day.yaml', import.meta.url);
    const day = readScenario(readFileSync(path, 'utf8'), 'office-day.yaml');
    const steps = [...scenarioSteps(day, ['sim-1', 'sim-2', 'sim-3'])];
    expect(new Set(steps.map(({ action }) => action.type))).toEqual(
      new Set(['people', 'booking', 'call-incoming', 'call-clear', 'configuration', 'fault', 'reboot']),
    );
    expect(steps.length).toBeGreaterThan(50);
  });
});
