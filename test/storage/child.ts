import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const HOOK = new URL('../support/typescript-in-workers.mjs', import.meta.url).href;

/** Another process of ours, read line by line and killed without warning. */
export interface Child {
  readonly pid: number;
  readonly lines: readonly string[];
  /** Resolves when it has said `count` lines. */
  readonly saidLines: (count: number) => Promise<void>;
  /** kill -9; resolves when it is gone and all that it said was read. */
  readonly kill: () => Promise<void>;
}

export function startChild(name: string, ...args: string[]): Child {
  const file = fileURLToPath(new URL(`children/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--import', HOOK, file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const reader = createInterface(child.stdout);
  reader.on('line', (line) => lines.push(line));
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  return {
    pid: pidOf(child),
    lines,
    kill,
    saidLines: async (count) => {
      while (lines.length < count) {
        const isOver = await Promise.race([once(reader, 'line').then(() => false), ended.then(() => true)]);
        if (isOver && lines.length < count) throw new Error(`${name} ended after ${lines.length} lines`);
      }
    },
  };
}

function pidOf({ pid }: ChildProcessByStdio<null, Readable, null>): number {
  if (pid === undefined) throw new Error('the child did not start');
  return pid;
}
