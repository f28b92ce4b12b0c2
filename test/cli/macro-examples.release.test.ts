import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { line } from './command-line.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/macros', import.meta.url));

test('roomd macro test plays the ready-made macros, and all of them do what their tests say', async () => {
  const { code, out, err } = await line(['macro', 'test', '.'], { cwd: EXAMPLES });
  expect([code, err, out.match(/✗.*/g)]).toEqual([0, '', null]);
  expect(out).toMatch(/\n[2-9]\d passed, 0 failed$/);
}, 300_000);
