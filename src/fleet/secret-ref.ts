import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, RoomdError } from '../lib/errors.ts';
import { Secret } from '../lib/secret.ts';
import { didYouMean } from '../lib/suggest.ts';

/** Where secrets come from; injected, so that no module reads the environment by itself. */
export interface SecretSource {
  /** An environment variable, undefined where it is not set. */
  env(name: string): string | undefined;
  /** A file's text. Rejects where it cannot be read. */
  readFile(path: string): Promise<string>;
}

export function secretSource(environment: Readonly<Record<string, string | undefined>>): SecretSource {
  return { env: (name) => environment[name], readFile: (path) => readFile(path, 'utf8') };
}

export class SecretError extends RoomdError<'secret-missing' | 'secret-reference-invalid'> {}

const KINDS = ['env', 'file', 'credential'] as const;
type Kind = (typeof KINDS)[number];

/** `${kind:name}`; a doubled dollar sign keeps it as text. */
const REFERENCE = /\$?\$\{([A-Za-z]+):([^}]*)\}/g;

/** Whether a text asks for a secret from elsewhere. */
export function hasReference(text: string): boolean {
  return [...text.matchAll(REFERENCE)].some(([whole]) => !whole.startsWith('$$'));
}

/** A text without references, doubled dollar signs made single. */
export function withoutReferences(text: string): string {
  return text.replaceAll(REFERENCE, (whole) => (whole.startsWith('$$') ? whole.slice(1) : whole));
}

/** Reads the references of one fleet; each is fetched once, whoever asks. */
export class SecretReader {
  readonly #source: SecretSource;
  readonly #fetched = new Map<string, Promise<string>>();

  constructor(source: SecretSource) {
    this.#source = source;
  }

  /**
   * The text with every reference replaced. Relative paths count from
   * `folder`, where the file with the text lies.
   * @throws SecretError that names the reference and says where it was looked for
   */
  async read(text: string, folder: string): Promise<Secret> {
    let filled = '';
    let end = 0;
    for (const match of text.matchAll(REFERENCE)) {
      const [whole, kind = '', name = ''] = match;
      filled += text.slice(end, match.index);
      filled += whole.startsWith('$$') ? whole.slice(1) : await this.#fetch(kind, name.trim(), folder);
      end = match.index + whole.length;
    }
    return new Secret(filled + text.slice(end));
  }

  #fetch(kind: string, written: string, folder: string): Promise<string> {
    const name = kind === 'file' && written !== '' ? resolve(folder, written) : written;
    const key = `${kind}:${name}`;
    const known = this.#fetched.get(key);
    if (known !== undefined) return known;
    const fetching = this.#look(kind, name);
    this.#fetched.set(key, fetching);
    return fetching;
  }

  async #look(kind: string, name: string): Promise<string> {
    if (!isKind(kind))
      throw new SecretError(
        'secret-reference-invalid',
        `"\${${kind}:…}" is no secret reference: write \${env:NAME}, \${file:PATH} or \${credential:NAME}; for the text itself, double the dollar sign.${didYouMean(kind, KINDS)}`,
      );
    if (name === '')
      throw new SecretError('secret-reference-invalid', `"\${${kind}:}" lacks the name behind the colon.`);
    if (kind === 'env') return this.#fromEnvironment(name);
    if (kind === 'file') return this.#fromFile(name, kind, name);
    return this.#fromCredential(name);
  }

  #fromEnvironment(name: string): string {
    const value = this.#source.env(name);
    if (value !== undefined && value !== '') return value;
    const how = value === undefined ? 'is not set' : 'is empty';
    throw missing('env', name, `the environment variable ${name} ${how}; set it where roomd is started`);
  }

  async #fromCredential(name: string): Promise<string> {
    if (!/^[\w.@-]+$/.test(name) || name === '.' || name === '..')
      throw new SecretError(
        'secret-reference-invalid',
        `"${name}" is no name of a systemd credential: letters, digits, dots, dashes and underscores.`,
      );
    const folder = this.#source.env('CREDENTIALS_DIRECTORY');
    if (folder === undefined || folder === '')
      throw missing(
        'credential',
        name,
        `CREDENTIALS_DIRECTORY is not set, so roomd was not started by systemd with LoadCredential=${name}:FILE; outside systemd use \${env:NAME} or \${file:PATH}`,
      );
    return this.#fromFile(join(folder, name), 'credential', name);
  }

  /** Editors and `echo` end a file with a line break, which is no part of the secret. */
  async #fromFile(path: string, kind: Kind, name: string): Promise<string> {
    let text: string;
    try {
      text = await this.#source.readFile(path);
    } catch (error) {
      throw missing(kind, name, `${path} cannot be read (${reasonOf(error)})`);
    }
    const secret = text.replace(/(\r?\n)+$/, '');
    if (secret === '') throw missing(kind, name, `${path} is empty`);
    return secret;
  }
}

function missing(kind: Kind, name: string, why: string): SecretError {
  return new SecretError('secret-missing', `the secret \${${kind}:${name}} is missing: ${why}.`);
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? messageOf(error);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'roomd may not read it',
  EISDIR: 'it is a folder',
};

function isKind(kind: string): kind is Kind {
  return (KINDS as readonly string[]).includes(kind);
}
