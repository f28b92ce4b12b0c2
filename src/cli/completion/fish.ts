import type { Flag, Place, Rule } from './grammar.ts';

/** A script for fish: one line for each thing that may come. */
export function fishScript(rules: readonly Rule[]): string {
  return `# Completion of roomd for fish. Once: roomd completion fish > ~/.config/fish/completions/roomd.fish
function __roomd_at
    # The commands of the line so far, without options, are exactly these.
    set -l words (commandline -opc)
    set -e words[1]
    set -l path
    set -l skip 0
    for word in $words
        if test $skip = 1
            set skip 0
        else if string match -q -- '-*' $word
            contains -- $word ${takers(rules).join(' ')}; and set skip 1
        else if contains -- "$path $word" ${rules.map(({ path }) => `' ${path}'`).join(' ')}
            set path "$path $word"
        end
    end
    test "$path" = "$argv[1]"
end

function __roomd_names
    set -l fleet
    set -l words (commandline -opc)
    for at in (seq (count $words))
        contains -- $words[$at] -f --fleet; and set fleet $words[(math $at + 1)]
    end
    roomd complete $argv[1] $fleet 2>/dev/null
end

complete -c roomd -f
${rules.flatMap(linesOf).join('\n')}
`;
}

/** Flags behind which a word stands that is no command. */
function takers(rules: readonly Rule[]): string[] {
  const names = rules.flatMap(({ flags }) =>
    flags.filter(({ value }) => value !== null).flatMap((flag) => flag.names),
  );
  return [...new Set(names)].sort();
}

function linesOf({ path, commands, flags, places }: Rule): string[] {
  const at = `-n ${quoted(`__roomd_at '${path === '' ? '' : ` ${path}`}'`)}`;
  return [
    ...commands.map(({ name, about }) => `complete -c roomd ${at} -a ${name} -d ${quoted(about)}`),
    ...flags.map((flag) => `complete -c roomd ${at} ${flagText(flag)}`),
    ...[...new Set(places.map(wordsOf))]
      .filter((words) => words !== '')
      .map((words) => `complete -c roomd ${at} ${words}`),
  ];
}

function flagText({ names, about, value }: Flag): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const words = value === null ? '' : ` ${wordsOf(value) === '-F' ? '-r' : '-x'} ${wordsOf(value)}`;
  return `${flags.join(' ')}${words.trimEnd()} -d ${quoted(about)}`;
}

function wordsOf(place: Place): string {
  switch (place.kind) {
    case 'choice':
      return `-a ${quoted(place.words.join(' '))}`;
    case 'files':
    case 'folders':
      return '-F';
    case 'anything':
      return '';
    default:
      return `-a '(__roomd_names ${place.kind})'`;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
