import type { Command, CommanderError } from 'commander';
import { didYouMean } from '../lib/suggest.ts';
import { commandAt, commandsBelow, nestedIn, ownOptions, pathOf } from './command-tree.ts';

/**
 * What is said of a line that nobody can mean: what is wrong, what was probably
 * meant, and how the command is used. The first line is the message.
 */
export function usageLines(
  { code, message }: Pick<CommanderError, 'code' | 'message'>,
  program: Command,
  argv: readonly string[],
): string[] {
  const { command, rest } = commandAt(program, argv);
  const [what = '', ...further] = message.split('\n');
  const more = `(${pathOf(command)} --help shows ${command === program ? 'what there is' : 'more'})`;
  switch (code) {
    case 'commander.unknownCommand':
      return [what, ...further, ...subcommandLines(command, program), more];
    case 'commander.unknownOption':
      return [what, ...(ownerLines(what, program) ?? further), more];
    case 'commander.invalidArgument':
      return [`${what}${meantChoice(what)}`, ...further, more];
    case 'commander.excessArguments':
      return [...excessLines(command, rest, what), more];
    case 'commander.help':
      return [`say what ${pathOf(command)} is to do: ${namesIn(command).join(', ')}`];
    default:
      return [what, ...further, usageOf(command), more];
  }
}

function usageOf(command: Command): string {
  const { parent } = command;
  return `Usage: ${parent === null ? '' : `${pathOf(parent)} `}${command.name()} ${command.usage()}`;
}

function namesIn(command: Command): string[] {
  return nestedIn(command).map((nested) => nested.name());
}

/** The list of everything is long, and help has it. */
function subcommandLines(command: Command, program: Command): string[] {
  return command === program ? [] : [`${pathOf(command)} takes: ${namesIn(command).join(', ')}`];
}

/** Whose the option is, where it is another command's; null where it is nobody's. */
function ownerLines(what: string, program: Command): string[] | null {
  const flag = /'([^'=]+)/.exec(what)?.[1];
  const owners = commandsBelow(program).filter((command) =>
    ownOptions(command).some(({ long, short }) => long === flag || short === flag),
  );
  if (flag === undefined || owners.length === 0) return null;
  const named = owners.slice(0, MOST_OWNERS).map(pathOf).join(', ');
  return [`${flag} belongs to ${named}${owners.length > MOST_OWNERS ? ' and others' : ''}`];
}

const MOST_OWNERS = 4;

function meantChoice(what: string): string {
  const [, value, choices] = /argument '(.*)' is invalid\. Allowed choices are (.+)\.$/.exec(what) ?? [];
  return value === undefined || choices === undefined ? '' : didYouMean(value, choices.split(', '));
}

function excessLines(command: Command, rest: readonly string[], what: string): string[] {
  const [word = ''] = rest;
  if (nestedIn(command).length > 0)
    return [
      `error: ${pathOf(command)} has no command '${word}'.${didYouMean(word, namesIn(command))}`,
      `${pathOf(command)} takes: ${namesIn(command).join(', ')}`,
    ];
  const extra = rest.slice(command.registeredArguments.length);
  const chooser = ownOptions(command).find(({ long }) => long === '--devices' || long === '--device');
  if (chooser === undefined || extra[0] === undefined) return [what, usageOf(command)];
  return [
    what,
    `Devices are named by an option: ${pathOf(command)} ${chooser.short ?? chooser.long} ${extra[0]}`,
  ];
}
