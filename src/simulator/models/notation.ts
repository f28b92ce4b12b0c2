import { messageOf, RoomdError } from '../../lib/errors.ts';
import { parsePattern } from '../../schema/path-pattern.ts';
import type {
  CommandSpec,
  EventSpec,
  ParamSpec,
  SettingSpec,
  StatusSpec,
  ValueSpace,
} from '../../schema/product-schema.ts';

/*
 * The notation in which the built-in models are written, one entry a line:
 *
 *   Audio.DefaultVolume int 0..100 user = 50        a setting: path, value space, flags, default
 *   Audio.Input.Microphone[1..3]                    a bare path stands before the indented lines below it
 *     Mode Off|On = On
 *     Level int 0..24 = [1] 14; [2] 12; [3] 12      one default for each index
 *   SIP.Authentication.Password text 0..128 admin hidden
 *
 * Value spaces are `A|B`, `int`, `int 0..9`, `text`, `text 1..50`. Admin and
 * Integrator may write a setting or run a command; `user` adds User, `admin`
 * leaves Admin alone. Text without a default is empty. Statuses are paths with
 * a value space. A command's arguments are the indented lines below it: `!` is
 * required, `*15` may be given 15 times; `body` on the command's own line says
 * that it takes a multiline text. Empty lines and lines with `#` say nothing.
 */

/** A mistake in the tables of a built-in model. */
export class NotationError extends RoomdError<'notation-invalid'> {
  constructor(line: Line, why: string) {
    super('notation-invalid', `line ${line.number} "${line.text}": ${why}`);
  }
}

export function parseSettings(notation: string): SettingSpec[] {
  return prefixedLines(notation).map((line) => {
    const [declared = '', ...rest] = line.text.split(/ = ?/);
    const { name, space, flags } = readEntry({ ...line, text: declared });
    const written = line.text.includes(' =') ? rest.join(' = ') : null;
    if (space === null) throw new NotationError(line, 'a setting needs a value space');
    if (written === null && space.type !== 'String')
      throw new NotationError(line, 'only text may go without a default');
    return {
      path: readPath(line, name),
      valueSpace: space,
      defaults: readDefaults(written ?? ''),
      roles: rolesOf(flags),
      hidden: flags.includes('hidden'),
    };
  });
}

export function parseStatuses(notation: string): StatusSpec[] {
  return prefixedLines(notation).map((line) => {
    const { name, space } = readEntry(line);
    return { path: readPath(line, name), valueSpace: space };
  });
}

export function parseCommands(notation: string): CommandSpec[] {
  const commands: { head: Line; params: ParamSpec[] }[] = [];
  for (const line of linesOf(notation)) {
    const current = commands.at(-1);
    if (!line.indented) commands.push({ head: line, params: [] });
    else if (current === undefined) throw new NotationError(line, 'an argument has no command before it');
    else current.params.push(readParam(line));
  }
  return commands.map(({ head, params }) => {
    const { name, flags } = readEntry(head);
    return {
      path: readPath(head, name).map((segment) => segment.name),
      params,
      multiline: flags.includes('body'),
      roles: rolesOf(flags),
    };
  });
}

export function parseEvents(notation: string): EventSpec[] {
  return prefixedLines(notation).map((line) => ({
    path: readPath(line, line.text).map(({ name }) => name),
  }));
}

interface Line {
  readonly number: number;
  readonly text: string;
  readonly indented: boolean;
}

function linesOf(notation: string): Line[] {
  return notation
    .split('\n')
    .map((raw, at) => ({ number: at + 1, text: raw.trim(), indented: /^\s/.test(raw) }))
    .filter(({ text }) => text !== '' && !text.startsWith('#'));
}

/** Lines with the bare path above them put before indented ones; the bare path itself is no entry. */
function prefixedLines(notation: string): Line[] {
  const lines = linesOf(notation);
  let prefix: string | null = null;
  return lines.flatMap((line, at) => {
    if (line.indented && (prefix === null || prefix.includes(' ')))
      throw new NotationError(line, 'it is indented below no bare path');
    if (line.indented) return [{ ...line, text: `${prefix}.${line.text}` }];
    prefix = line.text;
    return lines[at + 1]?.indented === true ? [] : [line];
  });
}

const FLAGS = ['user', 'admin', 'hidden', 'body'];

function readEntry(line: Line): { name: string; space: ValueSpace | null; flags: string[] } {
  const [name = '', ...words] = line.text.split(/\s+/);
  const flags = words.filter((word) => FLAGS.includes(word));
  const spaceWords = words.filter((word) => !FLAGS.includes(word));
  return { name, space: spaceWords.length === 0 ? null : readSpace(line, spaceWords), flags };
}

function readSpace(line: Line, words: readonly string[]): ValueSpace {
  const [type = '', range] = words;
  if (words.length > 2) throw new NotationError(line, `"${words.slice(2).join(' ')}" means nothing here`);
  if (type.includes('|') && range === undefined)
    return { type: 'Literal', values: type.split('|').filter((value) => value !== '') };
  const bounds = /^(-?\d+)\.\.(-?\d+)$/.exec(range ?? '');
  if ((type !== 'int' && type !== 'text') || (range !== undefined && bounds === null))
    throw new NotationError(line, `"${words.join(' ')}" is no value space`);
  const [low, high] = bounds === null ? [null, null] : [Number(bounds[1]), Number(bounds[2])];
  if (type === 'int') return { type: 'Integer', min: low, max: high, step: null };
  return { type: 'String', minLength: low ?? 0, maxLength: high };
}

function readParam(line: Line): ParamSpec {
  const [declared = '', fallback] = line.text.split(/ = ?/);
  const { name, space } = readEntry({ ...line, text: declared });
  const match = /^([A-Za-z][A-Za-z0-9.]*)(!?)(?:\*(\d+))?$/.exec(name);
  if (match?.[1] === undefined) throw new NotationError(line, `"${name}" is no argument name`);
  return {
    name: match[1],
    required: match[2] === '!',
    valueSpace: space,
    default: fallback ?? null,
    repeat: match[3] === undefined ? null : Number(match[3]),
  };
}

function readDefaults(text: string): SettingSpec['defaults'] {
  if (!text.startsWith('[')) return { all: text, byIndex: {} };
  const entries = [...text.matchAll(/\[([\d.]+)\] (.*?)(?:; (?=\[)|$)/g)];
  return { all: null, byIndex: Object.fromEntries(entries.map(([, ids = '', value = '']) => [ids, value])) };
}

function rolesOf(flags: readonly string[]): string[] {
  if (flags.includes('admin')) return ['Admin'];
  return flags.includes('user') ? ['Admin', 'Integrator', 'User'] : ['Admin', 'Integrator'];
}

function readPath(line: Line, name: string): ReturnType<typeof parsePattern> {
  try {
    return parsePattern(name);
  } catch (error) {
    throw new NotationError(line, messageOf(error));
  }
}
