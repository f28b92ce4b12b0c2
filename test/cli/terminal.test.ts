import { describe, expect, test } from 'vitest';
import { isColored } from '../../src/cli/color.ts';
import { table } from '../../src/cli/terminal.ts';

const ROWS = [
  ['DEVICE', 'SESSION', 'NOTE'],
  ['oslo-boardroom-1', 'up', 'a sentence that goes on and on, far beyond what is left of the screen for it'],
  ['x', 'down', 'short'],
];

describe('A table', () => {
  test('is as wide as it must be where nothing is in the way', () => {
    const [, long] = table(ROWS, 10_000);
    expect(long).toContain('left of the screen for it');
    expect(long).not.toContain('…');
  });

  test('fits the screen: the widest column gives way, names stay whole', () => {
    const lines = table(ROWS, 60);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
    expect(lines[1]).toMatch(/^oslo-boardroom-1 {2}up {7}a sentence .*…$/);
    expect(lines[2]).toMatch(/^x {17}down {5}short$/);
  });

  test('keeps its columns where the wide one stands in the middle', () => {
    const lines = table(
      [
        ['A', 'x'.repeat(200), 'last one'],
        ['B', 'y', 'other'],
      ],
      40,
    );
    expect(lines).toEqual([`A  ${'x'.repeat(26)}…  last one`, `B  y${' '.repeat(26)}  other`]);
  });

  test('stays a line for each row whatever a cell holds, however narrow the screen', () => {
    const lines = table(
      [
        ['one\n  two', 'a\r\nb'],
        ['c'.repeat(50), 'd'.repeat(50)],
      ],
      15,
    );
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(15);
    expect(lines[0]).toMatch(/^one two/);
  });
});

describe('Colours', () => {
  const plain = { noColor: false, forceColor: false };

  test('are for a terminal, and not for a pipe', () => {
    expect(isColored([], plain, true)).toBe(true);
    expect(isColored([], plain, false)).toBe(false);
  });

  test('follow NO_COLOR and FORCE_COLOR', () => {
    expect(isColored([], { ...plain, noColor: true }, true)).toBe(false);
    expect(isColored([], { ...plain, forceColor: true }, false)).toBe(true);
  });

  test('follow the command line before all else, its last word', () => {
    expect(isColored(['plan', '--no-color'], { ...plain, forceColor: true }, true)).toBe(false);
    expect(isColored(['--no-color', '--color', 'plan'], { ...plain, noColor: true }, false)).toBe(true);
    expect(isColored(['plan', '--', '--color'], plain, false)).toBe(false);
  });
});
