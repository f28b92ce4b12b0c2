import { describe, expect, it } from 'vitest';
import { cliDocument } from '../../scripts/docs-cli.mjs';
import { everyCommand, line } from '../cli/command-line.ts';
import { document } from './documents.ts';

describe('docs/cli.md', () => {
  it('is what --help prints; npm run build && node scripts/docs-cli.mjs makes it so', async () => {
    expect(document('docs/cli.md')).toBe(await cliDocument(everyCommand(), help));
  });

  it('is what the README points to, which names each command of roomd', () => {
    const readme = document('README.md');
    const missing = everyCommand().filter(
      ([name, nested]) => name !== undefined && nested === undefined && !readme.includes(`\`roomd ${name}`),
    );
    expect(missing).toEqual([]);
  });
});

async function help(argv: readonly string[]): Promise<string> {
  return (await line(argv, { cwd: '/', columns: 80 })).out;
}
