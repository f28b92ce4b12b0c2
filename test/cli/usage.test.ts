import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/world.ts';
import { line } from './command-line.ts';

const FILE = `version: 1
credentials: { rooms: { username: roomd, password: "\${env:ROOM_PASSWORD}" } }
defaults: { credentials: rooms, timezone: Europe/Oslo }
devices:
  - { name: boardroom, host: 10.0.0.1, tags: { site: oslo } }
macros:
  - { name: tidy, steps: [{ log: done }], devices: boardroom }
`;

describe('A line that nobody can mean', { timeout: 40_000 }, () => {
  test.each([
    ['an unknown command', ['plann'], /Did you mean plan\?/],
    ['an unknown word of a group', ['rollout', 'strt'], /Did you mean start\?[^]*takes: start, status/],
    [
      'a word that a group with a default does not have',
      ['macro', 'rnu'],
      /no command 'rnu'\. Did you mean "run"\?/,
    ],
    ['an unknown option', ['plan', '--device', 'x'], /--device belongs to roomd macro run/],
    ['a misspelt option', ['plan', '--devicez', 'x'], /Did you mean --devices\?[^]*roomd plan --help/],
    ["another command's option", ['explain', 'x', '--fresh'], /--fresh belongs to roomd plan, roomd slots/],
    ['a misspelt choice', ['plan', '--mode', 'enforced'], /observe, enforce\. Did you mean "enforce"\?/],
    ['a missing argument', ['trust'], /Usage: roomd trust \[options\] <device>/],
    ['a missing argument of a subcommand', ['macro', 'run'], /Usage: roomd macro run \[options\] <macro>/],
    ['an option without its value', ['plan', '-d'], /argument missing[^]*Usage: roomd plan/],
    ['a device where none belongs', ['plan', 'boardroom'], /roomd plan -d boardroom/],
    ['a group without its word', ['rollout'], /say what roomd rollout is to do: start/],
  ])('%s is told with what was probably meant', async (_what, argv, told) => {
    const { code, err } = await line(argv, { cwd: temporaryFolder() });
    expect([code, err]).toEqual([2, expect.stringMatching(told)]);
  });

  test('names of the file are told the same way', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'fleet.yaml'), FILE);
    for (const [argv, told] of [
      [['plan', '-d', 'bordroom'], 'Did you mean "boardroom"?'],
      [['plan', '-d', 'sit=oslo'], 'Did you mean "site"?'],
      [['plan', '-d', 'site=olso'], '"site=olso"'],
      [['plan', '-d', 'site=oslo &'], 'site=oslo &'],
      [['explain', 'bordroom'], 'Did you mean "boardroom"?'],
      [['doctor', 'bordroom'], 'Did you mean "boardroom"?'],
      [['timeline', 'bordroom'], 'Did you mean "boardroom"?'],
      [['macro', 'run', 'tidi'], 'Did you mean "tidy"?'],
      [['macro', 'run', 'tidy', '-d', 'bordroom'], 'Did you mean "boardroom"?'],
    ] as const) {
      const { code, err } = await line(argv, { cwd });
      expect([argv, code, err]).toEqual([argv, 2, expect.stringContaining(told)]);
    }
  });

  test('is one document with --json', async () => {
    const { code, json, out } = await line(['trust', '--json'], { cwd: temporaryFolder() });
    expect([code, json()]).toEqual([
      2,
      { error: { code: 'usage', message: "missing required argument 'device'" } },
    ]);
    expect(out.split('\n')).toHaveLength(1);
  });
});
