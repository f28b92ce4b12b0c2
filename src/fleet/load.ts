import { dirname, resolve } from 'node:path';
import { systemClock } from '../lib/clock.ts';
import { chooseLayers } from './choose-layers.ts';
import { readContent } from './content/read-content.ts';
import { checkNext } from './credential-check.ts';
import { daemonSection, type Overrides } from './daemon-section.ts';
import { type Expanded, expandDevices } from './expand.ts';
import { diskFiles, type FleetFiles } from './file/fleet-files.ts';
import { type FleetTree, readFleetTree } from './file/include.ts';
import { nodeAt } from './file/tree.ts';
import type { YamlFile } from './file/yaml-file.ts';
import { fleetFingerprint } from './fingerprint.ts';
import type { Fleet } from './fleet.ts';
import { deepFreeze } from './freeze.ts';
import { sourcesOf } from './inventory/inventory-section.ts';
import { type JoinedInventory, joinInventory } from './inventory/join-inventory.ts';
import type { PulledDevice } from './inventory/pulled.ts';
import { fleetJsonSchema } from './json-schema.ts';
import { notifiersOf } from './notifiers.ts';
import type { Problem } from './problem.ts';
import { type FileContents, readContents } from './read-contents.ts';
import { checkRoles } from './role-check.ts';
import { checkRollout } from './rollout-check.ts';
import { SchemaCursor } from './schema-cursor.ts';
import { SecretReader, type SecretSource } from './secret-ref.ts';
import { fetchSecrets, secretsOfSections, strayReferences } from './secrets.ts';
import type { Section } from './section.ts';
import { readSectionFiles } from './section-files.ts';
import { nameSections } from './section-names.ts';
import { systemsOf } from './systems/systems.ts';
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
  /** The same for the secrets of notifiers and systems, where nothing but devices is spoken to; `missingSecrets` without it. */
  readonly missingServiceSecrets?: Problem['severity'];
  readonly overrides?: Overrides;
  /** Keys the fingerprints of secrets within `fleet.fingerprint`. */
  readonly fingerprintKey?: string;
  /** The text of the fleet file itself, where it comes from elsewhere than `files`. */
  readonly readFile?: (file: string) => Promise<string>;
  /** Where the fleet file, what it includes and what it puts onto devices are read from; the disk where nothing is given. */
  readonly files?: FleetFiles;
  /** Devices that were pulled at last, from the database of the file; asked for only where the file has an inventory. None where nothing is given. */
  readonly inventory?: (databaseFile: string) => Promise<readonly PulledDevice[]>;
  /** UTC milliseconds: overrides that are over by then do not count, and certificates are judged by it. The machine's clock where nothing is given. */
  readonly now?: number;
}

/**
 * `problems` holds warnings too; a fleet comes only where no problem is an
 * error. `sources` and `sourceFolders` are what a fleet's are, so that a broken
 * file can be watched until it is mended.
 */
export type Loaded = (
  | { readonly fleet: Fleet; readonly problems: readonly Problem[] }
  | { readonly fleet: null; readonly problems: readonly Problem[] }
) &
  Pick<Fleet, 'sources' | 'sourceFolders'>;

/**
 * Loads, checks and expands a fleet file with everything that it includes.
 * Whatever is wrong with the files is told in `problems`, all of it at once and
 * in the order of the files; it never throws for their sake.
 */
export async function loadFleet(file: string, options: LoadOptions): Promise<Loaded> {
  const files = options.files ?? diskFiles;
  const tree = await readFleetTree(file, { files, readMain: options.readFile, judgeVersion });
  const { yaml, sources, folders: sourceFolders } = tree;
  if (yaml === null)
    return { fleet: null, problems: inOrder(tree.problems, tree.order), sources, sourceFolders };
  const now = options.now ?? systemClock().now();
  const loaded = await assemble(yaml, { tree, file: resolve(file), files, now, options });
  const all = inOrder(
    [...tree.problems, ...loaded.problems.map((problem) => tree.asInFile(problem))],
    tree.order,
  );
  const watched = { sources: loaded.fleet.sources, sourceFolders };
  if (all.some(({ severity }) => severity === 'error')) return { fleet: null, problems: all, ...watched };
  return { fleet: deepFreeze({ ...loaded.fleet, warnings: all }), problems: all, ...watched };
}

interface Assembling {
  readonly tree: FleetTree;
  /** Absolute path of the fleet file. */
  readonly file: string;
  readonly files: FleetFiles;
  readonly now: number;
  readonly options: LoadOptions;
}

async function assemble(
  asWritten: YamlFile,
  { tree, file, files, now, options }: Assembling,
): Promise<{ fleet: Fleet; problems: Problem[] }> {
  const { sections, overrides = {}, missingSecrets = 'error', fingerprintKey = 'roomd' } = options;
  const { isWhole } = tree;
  const schema = new SchemaCursor(fleetJsonSchema(sections));
  const { yaml: written, problems: unknownSections } = nameSections(asWritten, schema);
  const read = (yaml: YamlFile) => readContents(yaml, { sections, schema, isWhole });
  const own = read(written);
  const { daemon, problems: ofDaemon } = daemonSection(written, own.contents.daemon, file, overrides);
  const joined = await withInventory(written, own.contents, {
    databaseFile: daemon.databaseFile,
    options,
    now,
  });
  const { yaml } = joined;
  const { contents, problems: misread } = yaml === written ? own : read(yaml);
  const [{ secrets, problems: ofSecrets }, content, named] = await Promise.all([
    fetchSecrets(yaml, { contents, sections }, new SecretReader(options.secrets), {
      missing: missingSecrets,
      missingOfServices: options.missingServiceSecrets ?? missingSecrets,
    }),
    readContent(yaml, contents, { files, now, missingSecrets }),
    readSectionFiles(yaml, { sections, values: contents.sections, files, limits: contents.daemon.limits }),
  ]);
  const { chosen, problems: ofLayers } = chooseLayers(yaml, contents, isWhole);
  const { expanded, problems: ofExpansion } = expandDevices(yaml, {
    contents,
    chosen,
    secrets,
    layerContents: content.contents,
    now,
  });
  const devices = expanded.map(({ device }) => device);
  const fleet: Fleet = {
    file,
    sources: [...new Set([...tree.sources, ...content.sources, ...named.sources])],
    sourceFolders: tree.folders,
    fingerprint: fleetFingerprint(expanded, fingerprintKey),
    nextChangeAt: soonest(nextChangeAt(expanded, now), joined.nextLeaveAt),
    daemon,
    devices,
    calls: { allow: contents.calls },
    commands: { allow: contents.commands },
    http: { allow: contents.http },
    privacy: contents.privacy,
    notifiers: notifiersOf(contents.notifiers, secrets),
    systems: systemsOf(contents.systems, secrets, (path) => resolve(dirname(file), path)),
    inventory: contents.inventory,
    rollout: contents.rollout,
    sections: contents.sections,
    texts: named.texts,
    secrets: secretsOfSections(yaml, sections, secrets),
    warnings: [],
  };
  const problems = [
    ...unknownSections,
    ...misread,
    ...joined.problems,
    ...ofDaemon,
    ...ofSecrets,
    ...content.problems,
    ...named.problems,
    ...ofLayers,
    ...ofExpansion,
    ...strayReferences(yaml, sections),
    ...checkNext(yaml, { contents, secrets, devices: isWhole ? devices : null }),
    ...validate(yaml, { contents, chosen, daemon, isWhole }),
    ...checkRoles(yaml, contents, fleet),
    // What these check is names of devices and notifiers, which a missing file may hold.
    ...(isWhole ? [...checkRollout(yaml, fleet, now), ...checkSections(yaml, fleet, sections)] : []),
  ];
  return { fleet, problems };
}

/** The file with the devices that were pulled; itself where it pulls none. */
async function withInventory(
  yaml: YamlFile,
  { inventory: section }: FileContents,
  { databaseFile, options, now }: { databaseFile: string; options: LoadOptions; now: number },
): Promise<JoinedInventory> {
  if (sourcesOf(section).length === 0) return { yaml, problems: [], nextLeaveAt: null };
  const devices = (await options.inventory?.(databaseFile)) ?? [];
  return joinInventory(yaml, { section, devices, now });
}

function soonest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

function nextChangeAt(expanded: readonly Expanded[], now: number): number | null {
  const ends = expanded.flatMap(({ overrides }) => overrides.map(({ until }) => until));
  const next = ends.reduce((soonest, until) => (until > now ? Math.min(soonest, until) : soonest), Infinity);
  return Number.isFinite(next) ? next : null;
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

/** Sections of other slices are judged even where the fleet has errors, so that theirs are told in the same run. */
function checkSections(yaml: YamlFile, fleet: Fleet, sections: readonly Section<unknown>[]): Problem[] {
  return sections.flatMap((section) => {
    const value = fleet.sections.get(section.key);
    if (value === undefined) return [];
    return section.check(value, fleet, (path) => {
      const whole = [section.key, ...path];
      return nodeAt(yaml.root, whole) === undefined ? null : yaml.locate(whole);
    });
  });
}

/** File by file as they are read, then by place, what has none first; the same sentence at the same place once. */
function inOrder(problems: readonly Problem[], files: readonly string[]): Problem[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  const rank = new Map(files.map((file, index) => [file, index]));
  const of = ({ place }: Problem): number => (place === null ? -1 : (rank.get(place.file) ?? 0));
  return [...unique.values()].sort(
    (a, b) =>
      of(a) - of(b) ||
      (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
      (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}
