import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isBuilt, pack, ROOT } from './packed.ts';

describe.skipIf(!isBuilt)('roomd from its package, in an empty place', { timeout: 600_000 }, () => {
  let place = '';
  const bin = (): string => join(place, 'prefix/bin/roomd');
  const run = (...words: string[]) => spawnSync(bin(), words, { cwd: join(place, 'work'), encoding: 'utf8' });

  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'roomd-package-'));
    mkdirSync(join(place, 'work'));
    const { filename } = pack(place);
    execFileSync(
      'npm',
      [
        'install',
        '-g',
        '--prefix',
        join(place, 'prefix'),
        '--prefer-offline',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        join(place, filename),
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    // Its own script would fetch or compile this, which takes minutes; here it is compiled already.
    cpSync(
      join(ROOT, 'node_modules/better-sqlite3/build'),
      join(place, 'prefix/lib/node_modules/roomd/node_modules/better-sqlite3/build'),
      { recursive: true },
    );
  }, 600_000);

  afterAll(() => rmSync(place, { recursive: true, force: true }));

  test('does the whole job: roomd demo --once', () => {
    const { status, stdout, stderr } = run('demo', '--once');
    expect([status, stdout, stderr]).toEqual([0, expect.stringMatching(/All \d+ steps held\./), '']);
  });

  test('begins with a newcomer: init, validate, explain a mistake, complete', () => {
    expect(run('init').status).toBe(0);
    expect(run('validate').status).toBe(0);
    expect(run('complete', 'devices').stdout.split('\n')).toContain('boardroom-1');
    const mistaken = run('vaildate');
    expect([mistaken.status, mistaken.stderr]).toEqual([
      2,
      expect.stringContaining('Did you mean validate?'),
    ]);
  });

  test('prints the unit with its own paths', () => {
    const { status, stdout } = run('service', 'install', '--dry-run');
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining(join(place, 'prefix/lib/node_modules/roomd/dist/cli/main.js')),
    ]);
  });

  test('gives the simulator to the tests of other programs', () => {
    writeFileSync(
      join(place, 'work/use.mjs'),
      "import * as simulator from 'roomd/simulator'; console.log(typeof simulator.startSimulator, Object.keys(simulator).length > 0)",
    );
    mkdirSync(join(place, 'work/node_modules'), { recursive: true });
    execFileSync('ln', [
      '-s',
      join(place, 'prefix/lib/node_modules/roomd'),
      join(place, 'work/node_modules/roomd'),
    ]);
    expect(
      execFileSync(process.execPath, ['use.mjs'], { cwd: join(place, 'work'), encoding: 'utf8' }),
    ).toContain('true');
  });
});
