import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { namesIn } from '../../src/cli/completion/names.ts';
import { temporaryFolder } from '../support/world.ts';
import { line } from './command-line.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const HOOK = fileURLToPath(new URL('../support/typescript-in-workers.mjs', import.meta.url));

const FILE = `version: 1
defaults: { tags: { region: north } }
devices:
  - { name: boardroom, host: 10.0.0.1, tags: { site: oslo } }
  - { name: hall, host: 10.0.0.2, tags: { site: bergen } }
macros:
  - { name: tidy, steps: [{ log: done }] }
`;

/** A folder with a fleet file and a roomd that runs from source. */
function folder(): string {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'fleet.yaml'), FILE);
  writeFileSync(
    join(cwd, 'roomd'),
    `#!/bin/sh\nexec "${process.execPath}" --import "${HOOK}" "${MAIN}" "$@"\n`,
  );
  chmodSync(join(cwd, 'roomd'), 0o755);
  return cwd;
}

function isThere(shell: string): boolean {
  return spawnSync(shell, ['--version']).status === 0;
}

async function script(shell: string): Promise<string> {
  return (await line(['completion', shell], { cwd: '/' })).out;
}

describe('Names for a shell', () => {
  test('come from the file as it is written', async () => {
    const file = join(folder(), 'fleet.yaml');
    expect(await namesIn('devices', file)).toEqual(['boardroom', 'hall']);
    expect(await namesIn('macros', file)).toEqual(['tidy']);
    expect(await namesIn('selector', file)).toEqual([
      'boardroom',
      'hall',
      'region=north',
      'site=bergen',
      'site=oslo',
    ]);
  });

  test('are as many as can be had of a broken file, and none of one that is not there', async () => {
    const cwd = temporaryFolder();
    expect(await namesIn('devices', join(cwd, 'fleet.yaml'))).toEqual([]);
    writeFileSync(
      join(cwd, 'fleet.yaml'),
      'version: nine\ndevices: [{ name: hall }, 12, { nmae: x }]\nmacros: no',
    );
    expect(await namesIn('devices', join(cwd, 'fleet.yaml'))).toEqual(['hall']);
    expect(await namesIn('macros', join(cwd, 'fleet.yaml'))).toEqual([]);
    writeFileSync(join(cwd, 'fleet.yaml'), 'devices: [');
    expect(await namesIn('devices', join(cwd, 'fleet.yaml'))).toEqual([]);
  });
});

describe.skipIf(!isThere('bash'))('In bash', { timeout: 60_000 }, () => {
  let source = '';
  beforeAll(async () => {
    source = await script('bash');
  });

  /** What comes for the word at the end of the line. */
  function completed(typed: string, cwd: string): string[] {
    const program = `${source}\nCOMP_LINE="$1" COMP_POINT=\${#1}\n_roomd\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
    const out = execFileSync('bash', ['-c', program, 'bash', typed], {
      cwd,
      encoding: 'utf8',
      env: { PATH: `${cwd}:${process.env['PATH']}` },
    });
    return out.split('\n').filter((word) => word !== '');
  }

  test('commands, options and choices come from the script alone', () => {
    const cwd = temporaryFolder();
    expect(completed('roomd pl', cwd)).toEqual(['plan']);
    expect(completed('roomd rollout ', cwd)).toContain('start');
    expect(completed('roomd plan --dev', cwd)).toEqual(['--devices']);
    expect(completed('roomd token create x --role ', cwd)).toEqual(['viewer', 'operator', 'admin']);
    expect(completed('roomd plan --mode=e', cwd)).toEqual(['enforce']);
    expect(completed('roomd complet', cwd)).toEqual(['completion']);
    expect(completed('roomd nonsense ', cwd)).toEqual([]);
  });

  test('devices, tags and macros come from the file', () => {
    const cwd = folder();
    expect(completed('roomd explain b', cwd)).toEqual(['boardroom']);
    expect(completed('roomd macro run ', cwd)).toEqual(['tidy']);
    expect(completed('roomd macro run tidy -d ', cwd)).toEqual(['boardroom', 'hall']);
    // What stands before "=" is on the line already.
    expect(completed('roomd plan -d site=o', cwd)).toEqual(['oslo']);
    expect(completed('roomd --fleet none.yaml plan -d ', cwd)).toEqual([]);
  });
});

test.skipIf(!isThere('fish'))('In fish commands and names come', { timeout: 60_000 }, async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'roomd.fish'), await script('fish'));
  const completed = (typed: string): string[] =>
    execFileSync('fish', ['-c', `source roomd.fish; complete -C "${typed}"`], {
      cwd,
      encoding: 'utf8',
      env: { PATH: `${cwd}:${process.env['PATH']}`, HOME: cwd },
    })
      .split('\n')
      .map((text) => text.split('\t')[0] ?? '')
      .filter((word) => word !== '');
  expect(completed('roomd pl')).toEqual(['plan']);
  expect(completed('roomd token create x --role ')).toEqual(['admin', 'operator', 'viewer']);
  expect(completed('roomd explain b')).toEqual(['boardroom']);
  expect(completed('roomd plan -d site=')).toEqual(['site=bergen', 'site=oslo']);
});

test.skipIf(!isThere('zsh'))('zsh can read its script', async () => {
  const file = join(temporaryFolder(), 'roomd.zsh');
  writeFileSync(file, await script('zsh'));
  const { status, stderr } = spawnSync('zsh', ['-n', file], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});
