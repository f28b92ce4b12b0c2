import type { Flag, Place, Rule } from './grammar.ts';

/** A script for zsh, a function for each command. */
export function zshScript(rules: readonly Rule[]): string {
  return `#compdef roomd
# Completion of roomd for zsh. Put into ~/.zshrc, behind compinit: source <(roomd completion zsh)
_roomd_names() {
  local -a found
  local fleet="\${opt_args[--fleet]:-\${opt_args[-f]:-}}"
  found=( \${(f)"$(roomd complete $@[-1] \${fleet:+"$fleet"} 2>/dev/null)"} )
  # What stands before the kind is from _arguments, for compadd.
  compadd "\${@[1,-2]}" -a found
}

${rules.map(functionOf).join('\n\n')}

compdef _roomd roomd
`;
}

function functionOf({ path, commands, flags, places, isVariadic }: Rule): string {
  const name = functionName(path);
  const options = flags.map(optionSpec);
  if (commands.length > 0) {
    return `${name}() {
  local context state state_descr line
  local -a commands
  typeset -A opt_args
  commands=(
${commands.map((command) => `    ${quoted(`${command.name.replaceAll(':', '\\:')}:${plain(command.about)}`)}`).join('\n')}
  )
  _arguments -C \\
${[...options, "'1: :->command'", "'*:: :->rest'"].map((spec) => `    ${spec}`).join(' \\\n')}
  case $state in
    command) _describe command commands ;;
    rest)
      case $line[1] in
${commands.map((command) => `        ${command.name}) ${functionName(path === '' ? command.name : `${path} ${command.name}`)} ;;`).join('\n')}
      esac ;;
  esac
}`;
  }
  const words = places.map((place, at) =>
    quoted(`${isVariadic && at === places.length - 1 ? '*' : at + 1}:${label(place)}:${actionOf(place)}`),
  );
  return `${name}() {
  typeset -A opt_args
  _arguments \\
${[...options, ...words].map((spec) => `    ${spec}`).join(' \\\n')}
}`;
}

function functionName(path: string): string {
  return `_roomd${path === '' ? '' : `_${path.replaceAll(/[ -]/g, '_')}`}`;
}

function optionSpec({ names, about, value }: Flag): string {
  const behind = value === null ? '' : `:${label(value)}:${actionOf(value)}`;
  const [first = ''] = names;
  const text = quoted(`[${plain(about)}]${behind}`);
  if (names.length === 1) return `'${first}'${text}`;
  return `'(${names.join(' ')})'{${names.join(',')}}${text}`;
}

function label(place: Place): string {
  return place.kind === 'choice' ? 'word' : place.kind === 'anything' ? ' ' : place.kind;
}

function actionOf(place: Place): string {
  switch (place.kind) {
    case 'choice':
      return `(${place.words.join(' ')})`;
    case 'files':
      return '_files';
    case 'folders':
      return '_files -/';
    case 'anything':
      return ' ';
    default:
      return `_roomd_names ${place.kind}`;
  }
}

/** Brackets and colons mean something to _arguments. */
function plain(text: string): string {
  return text.replaceAll(/[[\]]/g, '').replaceAll(':', ',');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
