import { describe, expect, test } from 'vitest';
import { roomd } from '../support/roomd-process.ts';
import { temporaryFolder } from '../support/world.ts';

/** Two at a time: mostly they wait, and a demo keeps to a clock. */
const PAIRS = [
  {
    what: 'holds whole, and fails where apply is damaged',
    ends: [
      [null, 0, 'All 9 steps held.'],
      ['apply', 1, 'Step "apply" did not hold.'],
    ],
  },
  {
    what: 'fails where slot or presence is damaged',
    ends: [
      ['slot', 1, 'Step "slots" did not hold.'],
      ['presence', 1, 'Step "presence" did not hold.'],
    ],
  },
  {
    what: 'fails where dial or notify is damaged',
    ends: [
      ['dial', 1, 'Step "dial" did not hold.'],
      ['notify', 1, 'Step "notify" did not hold.'],
    ],
  },
] as const;

describe('The demo', () => {
  test.each(PAIRS)(
    '$what',
    async ({ ends }) => {
      const seen = await Promise.all(ends.map(([part]) => demo(part)));
      expect(seen).toEqual(ends.map(([, code, line]) => [code, line]));
    },
    90_000,
  );
});

/** The exit code and the last line. */
async function demo(damage: string | null): Promise<[number | null, string | undefined]> {
  const options = damage === null ? [] : ['--break', damage];
  const { code, out } = await roomd(['demo', '--once', ...options], { cwd: temporaryFolder() });
  return [code, out.trimEnd().split('\n').at(-1)];
}
