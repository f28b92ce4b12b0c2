import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** An answer that takes longer than this means that something hangs. */
const LONGEST_ANSWER_MS = 180_000;

interface Answer {
  readonly id: number;
  readonly output?: unknown;
  readonly error?: string;
}

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A process of its own, one of `children/`, that does what it is asked (see `children/parent.ts`). */
export class Child {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  /** @param options.profile a folder for a CPU profile; null for none */
  constructor(name: string, options: { flags?: readonly string[]; profile?: string | null } = {}) {
    const { flags = [], profile = null } = options;
    const hook = fileURLToPath(new URL('on-dist.mjs', import.meta.url));
    const profiling = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
    this.#name = name;
    this.#process = fork(fileURLToPath(new URL(`children/${name}.ts`, import.meta.url)), {
      execArgv: ['--import', hook, ...flags, ...profiling],
    });
    this.#process.on('message', (answer) => this.#settle(answer as Answer));
    this.#process.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`${name} ended (${signal ?? `exit code ${code}`})`));
      this.#waiting.clear();
    });
  }

  async ask<Output>(verb: string, input: unknown = null): Promise<Output> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answered = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    const timer = setTimeout(
      () => this.#settle({ id, error: `no answer within ${LONGEST_ANSWER_MS / 1000} s` }),
      LONGEST_ANSWER_MS,
    );
    this.#process.send({ id, verb, input });
    try {
      return (await answered) as Output;
    } catch (error) {
      throw new Error(`${this.#name} ${verb}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Lets go of the process, which ends by that. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    if (this.#process.connected) this.#process.disconnect();
    await ended;
  }

  #settle({ id, output, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(output);
    else waiting?.reject(new Error(error));
  }
}

/** Starts the children, hands them to the work, and ends them whatever comes of it. */
export async function withChildren<Names extends string, Result>(
  children: Readonly<Record<Names, Child>>,
  work: (children: Readonly<Record<Names, Child>>) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(children);
  } finally {
    await Promise.all(Object.values<Child>(children).map((child) => child.stop()));
  }
}
