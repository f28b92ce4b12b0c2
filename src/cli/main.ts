#!/usr/bin/env node
import { readSurroundings } from '../daemon/settings.ts';
import { fanOut } from '../lib/abort.ts';
import { systemClock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { uuidv7 } from '../lib/random.ts';
import { isColored } from './color.ts';
import { processTerminal } from './process-terminal.ts';

const surroundings = readSurroundings();
const clock = systemClock();
const argv = process.argv.slice(2);
const terminal = processTerminal({
  isColored: isColored(argv, surroundings, process.stdout.isTTY),
  canOverwrite: surroundings.canOverwrite ?? false,
  hasDisplay: surroundings.hasDisplay ?? false,
});
const stopping = new AbortController();
fanOut(stopping.signal);
const onSignal = (signal: NodeJS.Signals): void => {
  // This one asks for an orderly end; a second means it, and the system ends the process whatever it does.
  process.off('SIGINT', onSignal);
  process.off('SIGTERM', onSignal);
  stopping.abort(new Error(`stopped by ${signal}`));
};
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read our output has enough of it (`roomd schema | head`).
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
// What went wrong cannot be told any more; the exit code still tells.
process.stderr.on('error', () => undefined);

/** A fault of ours that nothing caught: a sentence for people; the stack for those who ask for it. */
process.on('uncaughtException', (error) => {
  const shown = surroundings.logLevel === 'debug' ? (error.stack ?? error.message) : messageOf(error);
  terminal.err(`roomd: unexpected, please report it: ${shown}`);
  process.exit(1);
});

process.exitCode = argv[0] === 'complete' ? await complete(argv.slice(1)) : await run();

/** Most of the time that a start takes goes into loading what the commands need, and a shell waits for names. */
async function complete([kind = '', file]: readonly string[]): Promise<number> {
  const { namesIn } = await import('./completion/names.ts');
  for (const name of await namesIn(kind, file).catch(() => [])) terminal.out(name);
  return 0;
}

async function run(): Promise<number> {
  const { runCli } = await import('./run-cli.ts');
  return runCli(argv, {
    terminal,
    surroundings,
    clock,
    random: Math.random,
    newId: uuidv7(clock),
    workingDirectory: process.cwd(),
    signal: stopping.signal,
  });
}
