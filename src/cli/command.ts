import type { Command } from 'commander';
import type { CliContext, GlobalOptions } from './context.ts';

export type Finish = (code: number) => void;

/** Registers a command; its handler gets the global options merged with its own and answers the exit code. */
export type AddCommand = (program: Command, context: CliContext, finish: Finish) => void;

/** Wraps a handler for commander: options from wherever they stood, the exit code handed on. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- each command declares its own options
export function handler<Own extends object>(
  finish: Finish,
  run: (options: GlobalOptions & Own, args: readonly string[]) => Promise<number>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command;
    const inherited = command.optsWithGlobals<GlobalOptions & Own>();
    const own = command.opts<Partial<GlobalOptions & Own>>();
    finish(await run({ ...inherited, ...own }, command.args));
  };
}
