import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HOOK = new URL('typescript-in-workers.mjs', import.meta.url).href;

/** How to start the command line: the build where it is as new as the source, the source itself otherwise. */
const ENTRY = isBuilt()
  ? [join(ROOT, 'dist/cli/main.js')]
  : ['--import', HOOK, join(ROOT, 'src/cli/main.ts')];

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Standard output read as one JSON document. */
  readonly json: () => unknown;
}

export interface RoomdProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Lines of standard output and standard error so far. */
  readonly out: readonly string[];
  readonly err: readonly string[];
  /** The first line of standard output that `wanted` takes, also one said before; fails when the process ends without it. */
  line(wanted: (line: string) => boolean): Promise<string>;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): Promise<Ended>;
}

/** Starts `roomd …` in a process of its own; it is killed when the test ends. */
export function startRoomd(
  args: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>> },
): RoomdProcess {
  const child = spawn(process.execPath, [...ENTRY, ...args], {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], HOME: options.cwd, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: string[] = [];
  const err: string[] = [];
  const reader = createInterface(child.stdout);
  reader.on('line', (line) => out.push(line));
  createInterface(child.stderr).on('line', (line) => err.push(line));
  const ended = once(child, 'close').then(([code]): Ended => {
    const text = out.join('\n');
    return {
      code: code as number | null,
      out: text,
      err: err.join('\n'),
      json: () => JSON.parse(text) as unknown,
    };
  });
  const kill = (signal: NodeJS.Signals): Promise<Ended> => {
    child.kill(signal);
    return ended;
  };
  onTestFinished(() => kill('SIGKILL').then(() => undefined));
  return {
    child,
    pid: child.pid ?? 0,
    out,
    err,
    ended,
    kill,
    async line(wanted) {
      for (;;) {
        const found = out.find(wanted);
        if (found !== undefined) return found;
        const isOver = await Promise.race([once(reader, 'line').then(() => false), ended.then(() => true)]);
        if (isOver && !out.some(wanted))
          throw new Error(`roomd ${args[0]} ended: ${err.join('\n')}${out.slice(-5).join('\n')}`);
      }
    },
  };
}

/** Runs `roomd …` to its end. */
export function roomd(
  args: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  return startRoomd(args, options).ended;
}

function isBuilt(): boolean {
  const built = join(ROOT, 'dist/cli/main.js');
  return existsSync(built) && newest(join(ROOT, 'src')) <= statSync(built).mtimeMs;
}

function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Math.max(...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}
