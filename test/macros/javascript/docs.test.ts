import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sections } from '../../../src/daemon/sections.ts';
import { loadFleet } from '../../../src/fleet/load.ts';
import { secretSource } from '../../../src/fleet/secret-ref.ts';
import { bindMacros } from '../../../src/macros/bind.ts';
import { macroTypes } from '../../../src/macros/javascript/types.ts';
import { STEPS } from '../../../src/macros/steps/registry.ts';
import { macro, newWorld } from '../world.ts';
import { endedRuns } from './with-threads.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const EXAMPLE = join(ROOT, 'examples/javascript');
const SCRIPT = join(EXAMPLE, 'macros/tidy-up.js');
const FOR_FLEET = join(EXAMPLE, 'macros/sleep-oslo.js');

describe('docs/javascript-macros.md', () => {
  it('shows the example that is shipped', async () => {
    const page = await readFile(join(ROOT, 'docs/javascript-macros.md'), 'utf8');
    for (const file of [SCRIPT, FOR_FLEET])
      expect(page).toContain(`\`\`\`js\n${await readFile(file, 'utf8')}\`\`\``);
  });
});

describe('examples/javascript', () => {
  it('loads', async () => {
    const { fleet, problems } = await loadFleet(join(EXAMPLE, 'fleet.yaml'), {
      secrets: secretSource({ ROOMD_PASSWORD: 'p', OPS_SECRET: 's' }),
      sections,
    });
    expect(problems).toEqual([]);
    if (fleet === null) throw new Error('no fleet');
    expect(bindMacros(fleet).map(({ javascript }) => javascript?.file)).toEqual([
      'macros/tidy-up.js',
      'macros/sleep-oslo.js',
    ]);
  });

  it('reminds the room and tells people where it overruns', async () => {
    const here = await newWorld('2026-11-23T07:54:58Z');
    here.records = {
      booking: {
        running: true,
        id: 'b',
        minutesSinceStart: 55,
        minutesLeft: 5,
        minutesUntilNext: null,
        strikes: null,
      },
      capacity: 8,
    };
    const scripted = { ...macro({ script: 'macros/tidy-up.js', deadline: '1h' }), steps: undefined };
    await here.fleet([scripted], undefined, { 'macros/tidy-up.js': await readFile(SCRIPT, 'utf8') });
    await here.engine.start();
    try {
      expect(await endedRuns(here, 1, 15_000)).toMatchObject([{ state: 'succeeded' }]);
      expect(here.device().state.screen.history).toMatchObject([{ text: '5 minutes left' }]);
      expect(here.sent).toEqual(['ops: **boardroom-1** is still in use by 2 people']);
    } finally {
      await here.close();
    }
  });
});

describe('roomd macro types', () => {
  it('tells of every step', () => {
    for (const name of Object.keys(STEPS))
      expect(macroTypes()).toMatch(new RegExp(`^    ${name}\\(args`, 'm'));
  });

  it('lets an editor accept the example, and find what is wrong in another', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'roomd-types-'));
    try {
      await writeFile(join(folder, 'roomd.d.ts'), macroTypes());
      await copyFile(SCRIPT, join(folder, 'good.js'));
      await copyFile(FOR_FLEET, join(folder, 'fleet.js'));
      const wrong = (await readFile(SCRIPT, 'utf8')).replace('text:', 'txt:').replace("'no'", "'nobody'");
      await writeFile(join(folder, 'wrong.js'), wrong);
      expect(typeErrors(join(folder, 'good.js'))).toEqual([]);
      expect(typeErrors(join(folder, 'fleet.js'))).toEqual([]);
      expect(typeErrors(join(folder, 'wrong.js'))).toEqual([
        expect.stringMatching(/'txt' does not exist/),
        expect.stringMatching(/no overlap/),
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

function typeErrors(file: string): string[] {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--allowJs',
    '--checkJs',
    '--strict',
    '--target',
    'es2023',
    '--module',
    'esnext',
  ];
  try {
    execFileSync(process.execPath, [tsc, ...options, '--moduleResolution', 'bundler', '--types', '', file]);
    return [];
  } catch (error) {
    const { stdout } = error as { stdout: Buffer };
    return stdout
      .toString()
      .split('\n')
      .filter((line) => line.includes('error TS'));
  }
}
