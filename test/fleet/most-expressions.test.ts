import { expect, test } from 'vitest';
import { mostExpressions, tooManyExpressions } from '../../src/fleet/most-expressions.ts';
import { fleetText, lines, loadText, PW } from './load-text.ts';

const named = (count: number): string[] => Array.from({ length: count }, (_, n) => `/Status/A${n}`);

test.each([
  ['ce9.15.17.4.abc', 15],
  ['ce11.27.2.0.abc', 15],
  ['ce26.4.1.0a1b2c3', 50],
  [null, 15],
])('a slot on %s takes %i expressions', (software, most) => {
  expect(mostExpressions(software)).toBe(most);
});

test('too many are told with what would help', () => {
  expect(tooManyExpressions({ expressions: named(15) }, 15)).toBeNull();
  expect(tooManyExpressions({ expressions: named(16) }, 15)).toContain('slots: 2');
  expect(tooManyExpressions({ expressions: named(30), slots: 2 }, 15)).toBeNull();
  expect(tooManyExpressions({ expressions: named(31), slots: 2 }, 15)).toContain(
    'each of two slots would hold 16',
  );
});

test('the file is warned of what only RoomOS 26 takes, and is not valid with what nothing takes', async () => {
  expect(lines(await load(16)).join('\n')).toContain(
    'warning: before RoomOS 26 a feedback slot takes at most 15',
  );
  expect((await load(16)).fleet).not.toBeNull();
  expect(lines(await load(30, 'slots: 2, ')).join('\n')).not.toContain('feedback slot');
  expect((await load(51)).fleet).toBeNull();
  expect((await load(51, 'slots: 2, ')).fleet?.devices[0]?.feedback.slots).toBe(2);
});

function load(count: number, more = '') {
  const device = `    feedback: { ${more}expressions: [${named(count).join(', ')}] }`;
  return loadText(fleetText({ device }), { env: PW });
}
