// Writes docs/cli.md from what --help prints: npm run build && node scripts/docs-cli.mjs
// A test in test/docs keeps the file equal to the command line as it is.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const INTRODUCTION = `# The command line

Made from \`--help\` by \`scripts/docs-cli.mjs\`; edit the texts in \`src/cli/commands\`, not here.

The global options, those of \`roomd\` itself below, may stand before or behind the name of a command. \`--json\` prints one JSON document on standard output instead of text, of a command that failed \`{"error": {"code", "message"}}\`; problems, warnings and progress go to standard error. On a terminal, tables are cut to its width and long work says on one line how far it has come; in a pipe and with \`--json\` everything is whole and nothing is said.

Verbs that need the database go to the running daemon where there is one, over a control socket beside the database. Without a daemon the command does the work in its own process, owns the data directory meanwhile and keeps no sessions. A command with another \`--fleet\` than the daemon's may look, and may change nothing.

| exit code | means |
|---|---|
| 0 | done |
| 1 | something failed; a device that could not be reached counts |
| 2 | wrong usage |
| 3 | changes are pending, or were applied in part |
| 4 | the fleet file is invalid; nothing was contacted |

| environment variable | means |
|---|---|
| \`ROOMD_LOG_LEVEL\` | how much \`roomd run\` logs: \`trace\`, \`debug\`, \`info\` (where nothing is said), \`warn\`, \`error\`, \`fatal\`, \`silent\` |
| \`NO_COLOR\`, \`FORCE_COLOR\` | any text: no colours on a terminal; colours in a pipe, too. \`--color\` and \`--no-color\` win |
| \`CREDENTIALS_DIRECTORY\` | where \`\${credential:NAME}\` is looked for; systemd sets it |
`;

/**
 * The whole document, in the order in which help lists the commands.
 * @param commands the words of each, `['token', 'create']`; of roomd itself none
 * @param help answers what a command line prints, `['plan', '--help']`
 */
export async function cliDocument(commands, help) {
  const parts = [INTRODUCTION];
  for (const words of commands) {
    const text = (await help([...words, '--help'])).trimEnd();
    parts.push(`## ${['roomd', ...words].join(' ')}\n\n\`\`\`text\n${text}\n\`\`\`\n`);
  }
  return parts.join('\n');
}

async function main() {
  const { commandTree, runCli } = await import('../dist/cli/run-cli.js');
  const { wordsOfEach } = await import('../dist/cli/command-tree.js');
  // The help is as wide as in a pipe, whatever the terminal.
  process.stdout.isTTY = false;
  const lines = [];
  const terminal = {
    isInteractive: false,
    columns: 80,
    out: (line) => lines.push(line),
    err: (line) => lines.push(line),
    style: (_style, text) => text,
    confirm: async () => false,
  };
  const context = { terminal, signal: new AbortController().signal, workingDirectory: '/' };
  const commands = wordsOfEach(commandTree(context, () => undefined));
  const help = async (argv) => {
    await runCli(argv, context);
    return lines.splice(0).join('\n');
  };
  writeFileSync(new URL('../docs/cli.md', import.meta.url), await cliDocument(commands, help));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
