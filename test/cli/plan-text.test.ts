import { describe, expect, test } from 'vitest';
import type { ShownPlan } from '../../src/actions/present.ts';
import { planLines } from '../../src/cli/plan-text.ts';
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
    const lines = planLines({ devices, summary, fingerprint: '', retired: [] }, terminal);
    expect(lines).toContain('2 problems, each with a "!" above: not written as the file stands.');
    expect(lines.filter((line) => line.includes('look here'))).toEqual(['hint 2 devices: look here']);
    expect(lines).toContain('  hint only mine');
  });
});
