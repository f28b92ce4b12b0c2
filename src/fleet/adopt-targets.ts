import { RoomdError } from '../lib/errors.ts';
import { readDeviceHost, readDeviceName, readTagName, Wrong } from './forms.ts';
import { hasControlCharacter } from './schema-forms.ts';

/** A device to adopt, as somebody named it. */
export interface AdoptTarget {
  readonly host: string;
  readonly port: number;
  /** Null lets the device's own name decide. */
  readonly name: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** A list of devices that cannot be read; the message names the place and what would be right. */
export class AdoptError extends RoomdError<'bad-input'> {
  constructor(message: string) {
    super('bad-input', message);
  }
}

/** Hosts as given on a command line. @throws AdoptError */
export function targetsFromHosts(hosts: readonly string[]): AdoptTarget[] {
  return withoutTwice(
    hosts.map((host, at) => ({ ...hostOf(host, `host ${at + 1}`), name: null, tags: {} })),
    (at) => `host ${at + 1}`,
  );
}

/**
 * A CSV file: a first line with `host` and, where wanted, `name`; every other
 * column is a tag. Commas or semicolons part the columns, double quotes hold
 * what contains them, lines that begin with # are passed over.
 * @throws AdoptError
 */
export function targetsFromCsv(text: string, file: string): AdoptTarget[] {
  const rows = csvRows(text, file);
  const [header, ...rest] = rows;
  if (header === undefined)
    throw new AdoptError(`${file} is empty: its first line names the columns: host,name,site`);
  const columns = header.cells.map((cell) => cell.trim());
  const lower = columns.map((column) => column.toLowerCase());
  if (!lower.includes('host'))
    throw new AdoptError(
      `${file}:${header.line}: no column is called "host": the first line names the columns, for example host,name,site`,
    );
  checkColumns(columns, `${file}:${header.line}`);
  const targets = rest.map(({ cells, line }) => {
    const where = `${file}:${line}`;
    if (cells.length > columns.length)
      throw new AdoptError(
        `${where}: ${cells.length} values for ${columns.length} columns; is a comma not in quotes?`,
      );
    const cell = (column: number): string => cells[column]?.trim() ?? '';
    const name = lower.includes('name') ? cell(lower.indexOf('name')) : '';
    const tags = columns
      .map((column, at) => [column, cell(at)] as const)
      .filter(([column, value]) => !isOwn(column) && value !== '');
    return {
      ...hostOf(cell(lower.indexOf('host')), where),
      name: name === '' ? null : right(readDeviceName(name), where),
      tags: Object.fromEntries(tags),
    };
  });
  return withoutTwice(targets, (at) => `${file}:${rest[at]?.line ?? 0}`);
}

interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

function csvRows(text: string, file: string): Row[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const separator = /^[^,]*;/.test(lines.find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '')
    ? ';'
    : ',';
  return lines.flatMap((line, at) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    return [{ cells: cellsOf(line, separator, `${file}:${at + 1}`), line: at + 1 }];
  });
}

/** RFC 4180 within one line: a doubled quote stands for one. */
function cellsOf(line: string, separator: string, where: string): string[] {
  const cells: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*/.exec(rest);
    if (quoted === null && /^\s*"/.test(rest))
      throw new AdoptError(`${where}: a quote is opened and not closed`);
    const end = quoted === null ? rest.indexOf(separator) : quoted[0].length;
    cells.push(
      quoted === null ? rest.slice(0, end === -1 ? undefined : end) : (quoted[1] ?? '').replaceAll('""', '"'),
    );
    if (end === -1 || end >= rest.length) return cells;
    if (rest[end] !== separator) throw new AdoptError(`${where}: something follows a closing quote`);
    rest = rest.slice(end + 1);
  }
}

function checkColumns(columns: readonly string[], where: string): void {
  const seen = new Set<string>();
  for (const column of columns) {
    if (seen.has(column.toLowerCase())) throw new AdoptError(`${where}: two columns are called "${column}"`);
    seen.add(column.toLowerCase());
    if (!isOwn(column)) right(readTagName(column), where);
  }
}

function isOwn(column: string): boolean {
  return /^(?:host|name)$/i.test(column);
}

function hostOf(text: string, where: string): { host: string; port: number } {
  const { host, port } = right(readDeviceHost(text), where);
  if (hasControlCharacter(host)) throw new AdoptError(`${where}: the host holds a control character`);
  return { host, port };
}

function right<Value>(read: Value | Wrong, where: string): Value {
  if (read instanceof Wrong) throw new AdoptError(`${where}: ${read.message}`);
  return read;
}

function withoutTwice(targets: AdoptTarget[], placeOf: (at: number) => string): AdoptTarget[] {
  const first = new Map<string, string>();
  for (const [at, { host, port }] of targets.entries()) {
    const key = `${host.toLowerCase()}:${port}`;
    const before = first.get(key);
    if (before !== undefined) throw new AdoptError(`${placeOf(at)}: ${host} is already named in ${before}`);
    first.set(key, placeOf(at));
  }
  return targets;
}
