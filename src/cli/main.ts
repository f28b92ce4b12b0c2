#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import { readSurroundings } from '../daemon/settings.ts';
import { systemClock } from '../lib/clock.ts';
import { uuidv7 } from '../lib/random.ts';
import { processTerminal } from './process-terminal.ts';
import { runCli } from './run-cli.ts';

const surroundings = readSurroundings();
const clock = systemClock();
const stopping = new AbortController();
// Every device under way listens to it.
setMaxListeners(0, stopping.signal);
let signals = 0;
const onSignal = (signal: NodeJS.Signals): void => {
  signals += 1;
  // The first asks for an orderly end; a second means it.
  if (signals > 1) process.kill(process.pid, 'SIGKILL');
  stopping.abort(new Error(`stopped by ${signal}`));
};
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);

process.exitCode = await runCli(process.argv.slice(2), {
  terminal: processTerminal(surroundings),
  surroundings,
  clock,
  random: Math.random,
  newId: uuidv7(clock),
  workingDirectory: process.cwd(),
  signal: stopping.signal,
});
