import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { messageOf } from '../lib/errors.ts';
import { daemonSection, type Overrides } from './daemon-section.ts';
import { expandDevices } from './expand.ts';
import { nodeAt } from './file/tree.ts';
import { readYaml, type YamlFile } from './file/yaml-file.ts';
import { fleetFingerprint } from './fingerprint.ts';
import type { Fleet, NotifierSection } from './fleet.ts';
import { deepFreeze } from './freeze.ts';
import { fleetJsonSchema } from './json-schema.ts';
import type { Problem } from './problem.ts';
import { type FileContents, readContents } from './read-contents.ts';
import { SchemaCursor } from './schema-cursor.ts';
import { SecretReader, type SecretSource } from './secret-ref.ts';
import { fetchSecrets, type Secrets, strayReferences } from './secrets.ts';
import type { Section } from './section.ts';
import { validate } from './validate.ts';

export interface LoadOptions {
  readonly secrets: SecretSource;
  /** Sections that other slices declare. */
  readonly sections: readonly Section<unknown>[];
  /**
   * `warning` loads a fleet whose missing secrets are empty, for what never
   * contacts a device (validate on a laptop, an offline look); default `error`.
   */
  readonly missingSecrets?: Problem['severity'];
  readonly overrides?: Overrides;
  /** Keys the fingerprints of secrets within `fleet.fingerprint`. */
  readonly fingerprintKey?: string;
  readonly readFile?: (file: string) => Promise<string>;
}

/** `problems` holds warnings too; a fleet comes only where no problem is an error. */
export type Loaded =
  | { readonly fleet: Fleet; readonly problems: readonly Problem[] }
  | { readonly fleet: null; readonly problems: readonly Problem[] };

/**
 * Loads, checks and expands a fleet file. Whatever is wrong with the file is
 * told in `problems`, all of it at once and in the order of the file; it never
 * throws for the file's sake.
 */
export async function loadFleet(file: string, options: LoadOptions): Promise<Loaded> {
  let text: string;
  try {
    text = await (options.readFile ?? readUtf8)(file);
  } catch (error) {
    return { fleet: null, problems: [unreadable(file, error)] };
  }
  const { yaml, problems } = readYaml(text, file);
  if (yaml === null) return { fleet: null, problems };
  const wrongVersion = judgeVersion(yaml);
  if (wrongVersion !== null && wrongVersion.isFinal) return { fleet: null, problems: [wrongVersion.problem] };
  const loaded = await assemble(yaml, file, options);
  const all = inOrder([
    ...problems,
    ...(wrongVersion === null ? [] : [wrongVersion.problem]),
    ...loaded.problems,
  ]);
  if (all.some(({ severity }) => severity === 'error')) return { fleet: null, problems: all };
  return { fleet: deepFreeze({ ...loaded.fleet, warnings: all }), problems: all };
}

async function assemble(
  yaml: YamlFile,
  file: string,
  options: LoadOptions,
): Promise<{ fleet: Fleet; problems: Problem[] }> {
  const absolute = resolve(file);
  const { sections } = options;
  const schema = new SchemaCursor(fleetJsonSchema(sections));
  const { contents, problems: misread } = readContents(yaml, sections, schema);
  const { daemon, problems: ofDaemon } = daemonSection(
    yaml,
    contents.daemon,
    absolute,
    options.overrides ?? {},
  );
  const { secrets, problems: ofSecrets } = await fetchSecrets(
    yaml,
    contents,
    new SecretReader(options.secrets, dirname(absolute)),
    options.missingSecrets ?? 'error',
  );
  const { devices, problems: ofSpelling } = expandDevices(yaml, contents, secrets, absolute);
  const fleet: Fleet = {
    file: absolute,
    fingerprint: fleetFingerprint(devices, options.fingerprintKey ?? 'roomd'),
    daemon,
    devices,
    calls: { allow: contents.calls },
    commands: { allow: contents.commands },
    notifiers: notifiersOf(contents, secrets),
    sections: contents.sections,
    warnings: [],
  };
  const problems = [
    ...misread,
    ...ofDaemon,
    ...ofSecrets,
    ...ofSpelling,
    ...strayReferences(yaml),
    ...validate(yaml, contents, daemon),
    ...checkSections(yaml, fleet, sections),
  ];
  return { fleet, problems };
}

/** A later version may mean anything by the rest of the file, so nothing else is said about it. */
function judgeVersion(yaml: YamlFile): { problem: Problem; isFinal: boolean } | null {
  if (yaml.root.kind !== 'map')
    return {
      isFinal: true,
      problem: yaml.error(
        [],
        'a fleet file holds names with values at its top (version: 1, devices: …), not a list or a single value.',
      ),
    };
  const version = nodeAt(yaml.root, ['version']);
  const written = version?.kind === 'scalar' ? version.value : undefined;
  if (written === 1) return null;
  const isLater = typeof written === 'number' && Number.isInteger(written) && written > 1;
  const message = isLater
    ? `this file has version ${written}, which a later roomd reads; this one reads version 1.`
    : version === undefined
      ? '"version" is missing; write "version: 1" as the first line.'
      : 'the version of a fleet file is the number 1: write "version: 1".';
  return { isFinal: isLater, problem: yaml.error(['version'], message) };
}

function notifiersOf({ notifiers }: FileContents, secrets: Secrets): Record<string, NotifierSection> {
  const sections: Record<string, NotifierSection> = {};
  for (const [name, { value }] of notifiers) {
    if (value.webex === undefined) continue;
    const { roomId, personEmail, token, baseUrl } = value.webex;
    const to = roomId === undefined ? { personEmail: personEmail ?? '' } : { roomId };
    sections[name] = { webex: { to, token: secrets.get(token), baseUrl } };
  }
  return sections;
}

/** Sections of other slices are judged even where the fleet has errors, so that theirs are told in the same run. */
function checkSections(yaml: YamlFile, fleet: Fleet, sections: readonly Section<unknown>[]): Problem[] {
  return sections.flatMap((section) => {
    const value = fleet.sections.get(section.key);
    if (value === undefined) return [];
    return section.check(value, fleet, (path) => yaml.locate([section.key, ...path]));
  });
}

/** By place, what has none first; the same sentence at the same place once. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...unique.values()].sort(
    (a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}

async function readUtf8(file: string): Promise<string> {
  return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
}

function unreadable(file: string, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = REASONS[code] ?? messageOf(error);
  return { severity: 'error', place: null, path: '', message: `${file} cannot be read: ${why}.` };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file (`roomd init` writes one to start from)',
  EACCES: 'roomd may not read it',
  EISDIR: 'it is a folder',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};
