import { describe, expect, test } from 'vitest';
import type { ShownApplied, ShownPlan } from '../../src/actions/present.ts';
import { applyLines, planLines } from '../../src/cli/plan-text.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

const terminal: Terminal = {
  isInteractive: false,
  columns: 200,
  out: () => undefined,
  err: () => undefined,
  style: (_style, text) => text,
  confirm: async () => false,
};

function deviceOf(name: string, hints: readonly string[]): ShownPlan {
  const problems = [{ path: 'Foo.Bar', message: 'the device has no such setting.' }];
  const seen = { remedy: null, product: null, software: null, asOf: null };
  return { name, state: 'drift', reason: null, changes: [], untouched: 0, problems, hints, ...seen };
}

describe('A plan for people', () => {
  test('counts what would not be written, and says a hint of several devices once', () => {
    const devices = [deviceOf('room-1', ['look here']), deviceOf('room-2', ['look here', 'only mine'])];
    const summary = { devices: 2, inSync: 0, drift: 2, failed: 0, changes: 0, untouched: 0, problems: 2 };
    const lines = planLines({ devices, summary, fingerprint: '', retired: [], protected: [] }, terminal);
    expect(lines).toContain('2 problems, each with a "!" above: not written as the file stands.');
    expect(lines.filter((line) => line.includes('look here'))).toEqual(['hint 2 devices: look here']);
    expect(lines).toContain('  hint only mine');
  });
});

function change(from: string) {
  return { path: 'Standby.Delay', from, to: '30' } as const;
}

function planned(name: string, from: string): ShownPlan {
  return {
    ...deviceOf(name, []),
    product: 'Room Bar',
    problems: [],
    changes: [change(from)] as never,
  };
}

describe('Of many devices', () => {
  const many = Array.from({ length: 25 }, (_, at) => planned(`room-${at + 1}`, at === 7 ? '5' : '10'));
  const summary = { devices: 25, inSync: 0, drift: 25, failed: 0, changes: 25, untouched: 0, problems: 0 };
  const plan = { devices: many, summary, fingerprint: '', retired: [], protected: [] };

  test('those with the same plan are told together, and one by one where that is asked for', () => {
    const told = 'Devices with the same lines are told together; --all tells each by itself.';
    expect(planLines(plan, terminal).slice(0, 6)).toEqual([
      '24 devices: room-1, room-2, room-3 and 21 more  1 change each  Room Bar',
      '  ~ Standby.Delay: 10 → 30',
      'room-8  1 change  Room Bar',
      '  ~ Standby.Delay: 5 → 30',
      told,
      '',
    ]);
    const all = planLines(plan, terminal, { all: true });
    expect(all.filter((line) => line.includes('Room Bar'))).toHaveLength(25);
    expect(all).not.toContain(told);
    const few = planLines({ ...plan, devices: many.slice(0, 20) }, terminal);
    expect(few.filter((line) => line.includes('Room Bar'))).toHaveLength(20);
  });

  test('those to which the same was done are told together, and whatever went wrong by itself', () => {
    const applied = many.map((device, at): ShownApplied => {
      const result = at === 3 ? 'refused' : 'accepted';
      const said = { result, detail: at === 3 ? 'Bad value' : null, place: null, remedy: null };
      return { ...device, changes: [{ ...change('10'), ...said }] } as never;
    });
    const counts = { accepted: 24, waiting: 0, refused: 1, notProven: 0, problems: 0, failed: 0 };
    const output = {
      devices: applied,
      summary: { devices: 25, ...counts },
      revision: 'r',
      retired: [],
      protected: [],
    };
    expect(applyLines(output as never, terminal).slice(0, 4)).toEqual([
      '24 devices: room-1, room-2, room-3 and 21 more  1 change each  Room Bar',
      '  ✓ Standby.Delay: 10 → 30  accepted',
      'room-4  1 change  Room Bar',
      '  ✗ Standby.Delay: 10 → 30  refused: Bad value',
    ]);
  });

  test('those that could not be asked are each told by themselves', () => {
    const silent = many.map(
      (device): ShownPlan => ({ ...device, state: 'unreachable', reason: 'no answer', changes: [] }),
    );
    const lines = planLines({ ...plan, devices: silent }, terminal);
    expect(lines.filter((line) => line.includes('unreachable'))).toHaveLength(25);
  });
});
