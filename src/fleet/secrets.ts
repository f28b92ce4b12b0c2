import { dirname, resolve } from 'node:path';
import { Secret } from '../lib/secret.ts';
import { type FileNode, type FilePath, nodeAt } from './file/tree.ts';
import type { YamlFile } from './file/yaml-file.ts';
import { NOTIFIER_SECRETS } from './notifier-secrets.ts';
import type { Place, Problem } from './problem.ts';
import { type FileContents, layersOf } from './read-contents.ts';
import { isSecretPath } from './secret-paths.ts';
import { hasReference, SecretError, type SecretReader, withoutReferences } from './secret-ref.ts';
import type { Section } from './section.ts';
import type { WrittenSetting } from './settings.ts';
import { SYSTEM_SECRETS } from './systems/systems-secrets.ts';

/** A text of the file that is a secret or asks for one. */
interface SecretUse {
  readonly text: string;
  readonly place: Place;
  readonly filePath: string;
  /** What it is, for the sentence about one that stands there in plain text. */
  readonly what: string | null;
  readonly isOfService: boolean;
}

/** The secrets of one fleet, fetched once, and what is wrong with them. */
export class Secrets {
  readonly #filled: ReadonlyMap<string, Secret>;
  readonly #file: string;

  constructor(filled: ReadonlyMap<string, Secret>, file: string) {
    this.#filled = filled;
    this.#file = file;
  }

  /** The secret that a text of the fleet file itself stands for; empty where it is missing, which is reported. */
  get(text: string | undefined): Secret {
    return this.#in(this.#file, text);
  }

  /** The value of a setting: a Secret where its text asks for one or its path holds one. */
  valueOf({ path, text, place }: WrittenSetting): string | Secret {
    return isSecretSetting(path, text) ? this.#in(place.file, text) : withoutReferences(text);
  }

  /** The same of a text in any file of the fleet. */
  at(file: string, text: string): Secret {
    return this.#in(file, text);
  }

  #in(file: string, text: string | undefined): Secret {
    return (text === undefined ? undefined : this.#filled.get(keyOf(file, text))) ?? new Secret('');
  }
}

/** One text may mean two files, depending on where it stands. */
function keyOf(file: string, text: string): string {
  return `${dirname(file)}\n${text}`;
}

/** Fetches everything that the file asks for, all at once. */
export async function fetchSecrets(
  yaml: YamlFile,
  { contents, sections }: { contents: FileContents; sections: readonly Section<unknown>[] },
  reader: SecretReader,
  severity: { readonly missing: Problem['severity']; readonly missingOfServices: Problem['severity'] },
): Promise<{ secrets: Secrets; problems: readonly Problem[] }> {
  const uses = [...secretUses(yaml, contents), ...usesOfSections(yaml, sections)];
  const filled = new Map<string, Secret>();
  const problems: Problem[] = [];
  const fetched = await Promise.all(uses.map((use) => fetchOne(reader, use)));
  for (const [index, use] of uses.entries()) {
    const secret = fetched[index];
    const at = { place: use.place, path: use.filePath };
    if (secret instanceof SecretError) {
      const ifMissing = use.isOfService ? severity.missingOfServices : severity.missing;
      const isMissing = secret.code === 'secret-missing';
      problems.push({ severity: isMissing ? ifMissing : 'error', ...at, message: secret.message });
    } else if (secret !== undefined) {
      filled.set(keyOf(use.place.file, use.text), secret);
      if (use.what !== null && !hasReference(use.text))
        problems.push({ severity: 'warning', ...at, message: plainText(use.what) });
    }
  }
  return { secrets: new Secrets(filled, yaml.locate([]).file), problems };
}

async function fetchOne(reader: SecretReader, { text, place }: SecretUse): Promise<Secret | SecretError> {
  try {
    return await reader.read(text, resolve(dirname(place.file)));
  } catch (error) {
    if (error instanceof SecretError) return error;
    throw error;
  }
}

function plainText(what: string): string {
  return `${what} stands in the file for everyone to read; write \${env:NAME}, \${file:PATH} or \${credential:NAME} instead.`;
}

function secretUses(yaml: YamlFile, contents: FileContents): SecretUse[] {
  const { credentials, notifiers, systems, devices } = contents;
  const uses: SecretUse[] = [];
  const add = (path: FilePath, text: string | undefined, what: string | null): void => {
    if (text === undefined) return;
    const { place, path: filePath } = yaml.error(path, '');
    if (place !== null)
      uses.push({
        text,
        place,
        filePath,
        what,
        isOfService: path[0] === 'notifiers' || path[0] === 'systems',
      });
  };
  for (const { path, value } of credentials.values()) {
    add([...path, 'username'], value.username, null);
    add([...path, 'password'], value.password, 'this password');
    add([...path, 'next'], value.next, 'this password');
  }
  for (const { path, value } of notifiers.values())
    for (const secret of NOTIFIER_SECRETS) add([...path, ...secret.path], secret.of(value), secret.what);
  for (const secret of SYSTEM_SECRETS) add(['systems', ...secret.path], secret.of(systems), secret.what);
  const overrides = devices.flatMap((device) => device.overrides);
  for (const { settings } of [...layersOf(contents), ...overrides]) {
    for (const { path, text, place, filePath } of settings.values()) {
      if (!isSecretSetting(path, text)) continue;
      const what = isSecretPath(path) && text !== '' ? 'this secret' : null;
      uses.push({ text, place, filePath, what, isOfService: false });
    }
  }
  return uses;
}

function isSecretSetting(path: string, text: string): boolean {
  return hasReference(text) || isSecretPath(path);
}

function usesOfSections(yaml: YamlFile, sections: readonly Section<unknown>[]): SecretUse[] {
  return secretTexts(yaml, sections).flatMap(({ path, text, what }) => {
    const { place, path: filePath } = yaml.error(path, '');
    return place === null ? [] : [{ text, place, filePath, what, isOfService: true }];
  });
}

/** The secrets of sections that other slices declare, by their path in the file. */
export function secretsOfSections(
  yaml: YamlFile,
  sections: readonly Section<unknown>[],
  secrets: Secrets,
): ReadonlyMap<string, Secret> {
  return new Map(
    secretTexts(yaml, sections).map(({ path, text }) => [
      path.join('.'),
      secrets.at(yaml.locate(path).file, text),
    ]),
  );
}

function secretTexts(yaml: YamlFile, sections: readonly Section<unknown>[]) {
  return sections.flatMap(({ key, secrets = [] }) =>
    secrets.flatMap(({ path: within, what }) => {
      const path = [key, ...within];
      const node = nodeAt(yaml.root, path);
      return node?.kind === 'scalar' ? [{ path, text: node.text, what }] : [];
    }),
  );
}

/** References where none is read: they would be taken as they stand, and nobody would notice. */
export function strayReferences(yaml: YamlFile, sections: readonly Section<unknown>[]): Problem[] {
  const ofSections = new Set(secretTexts(yaml, sections).map(({ path }) => path.join('.')));
  const problems: Problem[] = [];
  const look = (node: FileNode, path: FilePath): void => {
    if (node.kind === 'map') for (const [name, { node: inner }] of node.entries) look(inner, [...path, name]);
    else if (node.kind === 'list')
      for (const [index, item] of node.items.entries()) look(item, [...path, index]);
    else if (hasReference(node.text) && !takesReference(path) && !ofSections.has(path.join('.')))
      problems.push(
        yaml.error(
          path,
          'a secret reference is not read here; it is in credentials, in the tokens, passwords and secrets of notifiers, systems and mqtt, and in configuration.',
        ),
      );
  };
  look(yaml.root, []);
  return problems;
}

const LOGIN_TEXTS: ReadonlySet<unknown> = new Set(['username', 'password', 'next']);

function takesReference([section, ...path]: FilePath): boolean {
  if (section === 'credentials') return LOGIN_TEXTS.has(path[1]);
  if (section === 'notifiers')
    return NOTIFIER_SECRETS.some((secret) => path[1] === secret.path[0] && path[2] === secret.path[1]);
  if (section === 'systems') return SYSTEM_SECRETS.some((secret) => secret.path.join('.') === path.join('.'));
  if (section === 'defaults') return path[0] === 'configuration';
  if (section !== 'layers' && section !== 'profiles' && section !== 'devices') return false;
  return path[1] === 'configuration' || (path[1] === 'overrides' && path[3] === 'configuration');
}
