import type { Command, Option } from 'commander';

/** The command that words name, as far as they go, and the words behind it that are no options. */
export function commandAt(
  program: Command,
  words: readonly string[],
): { readonly command: Command; readonly rest: readonly string[] } {
  let command = program;
  const rest: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') return { command, rest: [...rest, ...words.slice(at + 1)] };
    if (word.startsWith('-') && word !== '-') {
      const option = optionOf(command, word) ?? optionOf(program, word);
      if (option?.required === true && !word.includes('=')) at += 1;
      continue;
    }
    const nested = rest.length === 0 ? nestedIn(command).find((one) => one.name() === word) : undefined;
    if (nested === undefined) rest.push(word);
    else command = nested;
  }
  return { command, rest };
}

/** Its subcommands, without the ones that nobody is told of. */
export function nestedIn(command: Command): Command[] {
  return command.commands.filter((nested) => nested.name() !== 'help' && !isHidden(nested));
}

/** Its own options, without those of roomd itself that it takes, too. */
export function ownOptions(command: Command): Option[] {
  return command.options.filter(({ hidden }) => !hidden);
}

/** `roomd token create`. */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** Every command below this one, each before its own. */
export function commandsBelow(command: Command): Command[] {
  return nestedIn(command).flatMap((nested) => [nested, ...commandsBelow(nested)]);
}

/** What a person types behind `roomd` for it and for each below it; for roomd itself nothing. */
export function wordsOfEach(program: Command): string[][] {
  return [program, ...commandsBelow(program)].map((command) => pathOf(command).split(' ').slice(1));
}

function optionOf(command: Command, word: string): Option | undefined {
  const [flag = ''] = word.split('=');
  return command.options.find(({ long, short }) => long === flag || short === flag);
}

/** Commander keeps it to itself, but its help tells. */
function isHidden(command: Command): boolean {
  const { parent } = command;
  return parent !== null && !parent.createHelp().visibleCommands(parent).includes(command);
}
