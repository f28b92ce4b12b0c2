import { describe, expect, it } from 'vitest';
import { cliDocument } from '../../scripts/docs-cli.mjs';
import { runCli } from '../../src/cli/run-cli.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { document } from './documents.ts';

describe('docs/cli.md', () => {
  it('is what --help prints; npm run build && node scripts/docs-cli.mjs makes it so', async () => {
    expect(document('docs/cli.md')).toBe(await cliDocument(help));
  });

  it('is linked from the README, command by command', async () => {
    const text = await help(['--help']);
    const [, listed = ''] = text.split('\nCommands:\n');
    const names = [...(listed.split('\n\n')[0] ?? '').matchAll(/^ {2}(\S+)/gm)].map(([, name = '']) => name);
    const readme = document('README.md');
    const missing = names.filter((name) => name !== 'help' && !readme.includes(`\`roomd ${name}`));
    expect(missing).toEqual([]);
  });
});

/** What a command line prints, without a process of its own. */
async function help(argv: readonly string[]): Promise<string> {
  const lines: string[] = [];
  await runCli(argv, {
    terminal: {
      isInteractive: false,
      columns: 80,
      out: (line) => void lines.push(line),
      err: (line) => void lines.push(line),
      style: (_style, text) => text,
      confirm: () => Promise.resolve(false),
    },
    surroundings: {
      secrets: { env: () => undefined, readFile: () => Promise.reject(new Error('no files here')) },
      notifySocket: null,
      watchdogMs: null,
      logLevel: 'silent',
      user: 'reader',
      noColor: true,
    },
    clock: systemClock(),
    random: seededRandom(1),
    newId: () => 'id',
    workingDirectory: '/',
    signal: new AbortController().signal,
  });
  return lines.join('\n');
}
