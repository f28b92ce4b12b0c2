import type { Argument, Command, Option } from 'commander';
import { nestedIn, ownOptions } from '../command-tree.ts';

/** What may stand in a place: names of the fleet file, files, one of some words, or nothing that anybody knows. */
export type Place =
  | { readonly kind: 'devices' | 'selector' | 'macros' | 'files' | 'folders' | 'anything' }
  | { readonly kind: 'choice'; readonly words: readonly string[] };

export interface Flag {
  /** As it is typed: `--devices`, `-d`. */
  readonly names: readonly string[];
  readonly about: string;
  /** What stands behind it; null for one that takes nothing. */
  readonly value: Place | null;
}

/** A command as a shell has to know it. */
export interface Rule {
  /** Below `roomd`: `token create`; empty for roomd itself. */
  readonly path: string;
  readonly about: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly flags: readonly Flag[];
  readonly places: readonly Place[];
  /** The last place takes any number of words. */
  readonly isVariadic: boolean;
}

/** Every command of the tree, roomd itself first. */
export function rulesOf(program: Command): Rule[] {
  return ruleOf(program, '', program.options.filter(({ long }) => long !== '--version').map(flagOf));
}

function ruleOf(command: Command, path: string, shared: readonly Flag[]): Rule[] {
  const nested = nestedIn(command);
  const own = path === '' ? [] : ownOptions(command).map(flagOf);
  const taken = new Set(own.flatMap(({ names }) => names));
  const { registeredArguments } = command;
  return [
    {
      path,
      about: command.description(),
      commands: nested.map((one) => ({ name: one.name(), about: one.description() })),
      flags: [...own, ...shared.filter(({ names }) => !names.some((name) => taken.has(name))), HELP],
      places: registeredArguments.map(placeOfArgument),
      isVariadic: registeredArguments.at(-1)?.variadic ?? false,
    },
    ...nested.flatMap((one) => ruleOf(one, path === '' ? one.name() : `${path} ${one.name()}`, shared)),
  ];
}

const HELP: Flag = { names: ['--help', '-h'], about: 'show the help of this command', value: null };

function flagOf(option: Option): Flag {
  const names = [option.long, option.short].filter((name) => typeof name === 'string');
  const takes = option.required || option.optional;
  return { names, about: option.description, value: takes ? placeOf(option.argChoices, option) : null };
}

function placeOfArgument(argument: Argument): Place {
  return placeOf(argument.argChoices, { flags: argument.name(), long: `--${argument.name()}` });
}

/** The name in angle brackets says what it is. */
function placeOf(
  choices: readonly string[] | undefined,
  { flags, long }: { flags: string; long?: string | undefined },
): Place {
  if (choices !== undefined) return { kind: 'choice', words: choices };
  if (long === '--device') return { kind: 'devices' };
  if (long === '--macro') return { kind: 'macros' };
  if (flags.includes('selector')) return { kind: 'selector' };
  if (flags.includes('folder')) return { kind: 'folders' };
  return { kind: flags.includes('file') ? 'files' : 'anything' };
}
