import type { Place, Rule } from './grammar.ts';

/** A script for bash: what the tree of commands says stands in it, names of the file are asked for. */
export function bashScript(rules: readonly Rule[]): string {
  return `# Completion of roomd for bash. Put into ~/.bashrc: source <(roomd completion bash)
_roomd_rule() {
  commands= flags= places= last=
  case "$1" in
${rules.map(ruleCase).join('\n')}
    *) return 1 ;;
  esac
}

_roomd_value() {
  case "$1 $2" in
${rules.flatMap(valueCases).join('\n')}
    *) place= ;;
  esac
}

_roomd_names() {
  "\${words[0]}" complete "$1" \${fleet:+"$fleet"} 2>/dev/null
}

_roomd() {
  local commands flags places last place= fleet= path= at given=0 word found candidates=
  local line="\${COMP_LINE:0:COMP_POINT}"
  local -a words
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  local end=$(( \${#words[@]} - 1 ))
  local cur="\${words[end]}"
  _roomd_rule ""
  for (( at = 1; at < end; at++ )); do
    word="\${words[at]}"
    if [[ -n "$place" ]]; then
      [[ "\${words[at - 1]}" == -f || "\${words[at - 1]}" == --fleet ]] && fleet="$word"
      place=
    elif [[ "$word" == --fleet=* ]]; then
      fleet="\${word#*=}"
    elif [[ "$word" == -* ]]; then
      [[ "$word" == *=* ]] || _roomd_value "$path" "$word"
    elif [[ " $commands " == *" $word "* && "$given" == 0 ]]; then
      path="\${path:+$path }$word"
      _roomd_rule "$path"
    else
      given=$(( given + 1 ))
    fi
  done
  if [[ -z "$place" && "$cur" == --*=* ]]; then
    _roomd_value "$path" "\${cur%%=*}"
    cur="\${cur#*=}"
  elif [[ -z "$place" && "$cur" == -* ]]; then
    COMPREPLY=( $(compgen -W "$flags" -- "$cur") )
    return
  elif [[ -z "$place" && -n "$commands" && "$given" == 0 ]]; then
    COMPREPLY=( $(compgen -W "$commands" -- "$cur") )
    return
  elif [[ -z "$place" ]]; then
    found=( $places )
    place="\${found[given]:-$last}"
  fi
  case "$place" in
    =*) candidates="\${place#=}"; candidates="\${candidates//,/ }" ;;
    files) COMPREPLY=( $(compgen -f -- "$cur") ); compopt -o filenames 2>/dev/null; return ;;
    folders) COMPREPLY=( $(compgen -d -- "$cur") ); compopt -o filenames 2>/dev/null; return ;;
    devices|selector|macros) candidates="$(_roomd_names "$place")" ;;
  esac
  COMPREPLY=( $(compgen -W "$candidates" -- "$cur") )
  # "=" and ":" end a word for readline: what stands before them is on the line already.
  if [[ "$cur" == *[=:]* && "$COMP_WORDBREAKS" == *=* ]]; then
    local before="\${cur%"\${cur##*[=:]}"}"
    for at in "\${!COMPREPLY[@]}"; do COMPREPLY[at]="\${COMPREPLY[at]#"$before"}"; done
  fi
}

complete -F _roomd roomd
`;
}

function ruleCase({ path, commands, flags, places, isVariadic }: Rule): string {
  const words = places.map(codeOf);
  const parts = [
    `commands="${commands.map(({ name }) => name).join(' ')}"`,
    `flags="${flags.flatMap(({ names }) => names).join(' ')}"`,
    `places="${words.join(' ')}"`,
    `last="${isVariadic ? (words.at(-1) ?? '') : ''}"`,
  ];
  return `    "${path}") ${parts.join(' ')} ;;`;
}

function valueCases({ path, flags }: Rule): string[] {
  return flags.flatMap(({ names, value }) =>
    value === null
      ? []
      : [`    ${names.map((name) => `"${path} ${name}"`).join('|')}) place="${codeOf(value)}" ;;`],
  );
}

function codeOf(place: Place): string {
  return place.kind === 'choice' ? `=${place.words.join(',')}` : place.kind;
}
