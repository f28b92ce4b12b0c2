import type { z } from 'zod';
import { DaemonFile } from './daemon-schema.ts';
import { plainValue } from './file/plain.ts';
import { type FileNode, type FilePath, nodeAt } from './file/tree.ts';
import type { YamlFile } from './file/yaml-file.ts';
import { type InventorySection, NO_INVENTORY } from './inventory/inventory-section.ts';
import { IssueReader } from './issues.ts';
import { Notifier } from './notifier-schema.ts';
import type { Problem } from './problem.ts';
import type { RolloutSection } from './rollout-section.ts';
import { ChosenLayer, Credential, Device, FleetFile, Layer, Override, Privacy } from './schema.ts';
import type { SchemaCursor } from './schema-cursor.ts';
import type { Section } from './section.ts';
import { flattenSettings, type WrittenSettings } from './settings.ts';
import { Systems } from './systems/systems-schema.ts';

/**
 * What the file says, section by section. A value that the schema refuses is
 * left out and reported, so that everything else can still be judged: one
 * mistake must not hide another.
 */
export interface FileContents {
  readonly daemon: DaemonFile;
  readonly credentials: ReadonlyMap<string, Entry<Credential>>;
  readonly defaults: LayerEntry<Layer>;
  /** `layers`, in the order of the file. */
  readonly chosen: readonly LayerEntry<ChosenLayer>[];
  readonly profiles: ReadonlyMap<string, LayerEntry<Layer>>;
  readonly devices: readonly DeviceEntry[];
  readonly notifiers: ReadonlyMap<string, Entry<Notifier>>;
  readonly systems: Partial<Systems>;
  readonly inventory: InventorySection;
  readonly calls: readonly string[];
  readonly commands: readonly string[];
  readonly http: readonly string[];
  readonly privacy: Privacy;
  readonly rollout: RolloutSection | null;
  /** Only those that their schema accepts. */
  readonly sections: ReadonlyMap<string, unknown>;
}

export interface Entry<Value> {
  readonly path: FilePath;
  readonly value: Partial<Value>;
}

export interface LayerEntry<Value> extends Entry<Value> {
  readonly settings: WrittenSettings;
}

export interface DeviceEntry extends LayerEntry<Device> {
  readonly overrides: readonly LayerEntry<Override>[];
}

/** Every layer of the file, farthest from the device first. */
export function layersOf({
  defaults,
  chosen,
  profiles,
  devices,
}: FileContents): readonly LayerEntry<Layer>[] {
  return [defaults, ...chosen, ...profiles.values(), ...devices];
}

/** What explanations call the layers of a file; those of devices are named where they are read. */
export function layerNames({
  defaults,
  chosen,
  profiles,
}: FileContents): ReadonlyMap<LayerEntry<Layer>, string> {
  const named: [LayerEntry<Layer>, string][] = [[defaults, 'defaults']];
  for (const layer of chosen) named.push([layer, `layer ${layer.value.name ?? ''}`]);
  for (const [name, layer] of profiles) named.push([layer, `profile ${name}`]);
  return new Map(named);
}

/** `isWhole` is false where an included file could not be read; sections that are missing may stand there. */
export function readContents(
  yaml: YamlFile,
  {
    sections,
    schema,
    isWhole,
  }: { sections: readonly Section<unknown>[]; schema: SchemaCursor; isWhole: boolean },
): { contents: FileContents; problems: readonly Problem[] } {
  const reader = new ContentsReader(yaml, schema, isWhole);
  return { contents: reader.read(sections), problems: reader.problems };
}

class ContentsReader {
  readonly problems: Problem[] = [];
  readonly #yaml: YamlFile;
  readonly #schema: SchemaCursor;
  readonly #issues: IssueReader;
  readonly #isWhole: boolean;

  constructor(yaml: YamlFile, schema: SchemaCursor, isWhole: boolean) {
    this.#isWhole = isWhole;
    this.#yaml = yaml;
    this.#schema = schema;
    this.#issues = new IssueReader(yaml, schema);
  }

  read(sections: readonly Section<unknown>[]): FileContents {
    return {
      daemon: { ...DaemonFile.parse({}), ...this.#entity(DaemonFile, ['daemon']) },
      credentials: this.#named('credentials', Credential),
      defaults: this.#layer(Layer, ['defaults']),
      chosen: this.#chosen(),
      profiles: this.#namedLayers('profiles'),
      devices: this.#devices(),
      notifiers: this.#named('notifiers', Notifier),
      systems: this.#entity(Systems, ['systems']),
      inventory: this.#whole(FleetFile.shape.inventory, 'inventory') ?? NO_INVENTORY,
      calls: this.#whole(FleetFile.shape.calls, 'calls')?.allow ?? [],
      commands: this.#whole(FleetFile.shape.commands, 'commands')?.allow ?? [],
      http: this.#whole(FleetFile.shape.http, 'http')?.allow ?? [],
      privacy: this.#whole(FleetFile.shape.privacy, 'privacy') ?? Privacy.parse({}),
      rollout: this.#whole(FleetFile.shape.rollout, 'rollout') ?? null,
      sections: this.#sections(sections),
    };
  }

  #chosen(): LayerEntry<ChosenLayer>[] {
    const list = nodeAt(this.#yaml.root, ['layers']);
    if (list?.kind === 'list')
      return list.items.map((_, index) => this.#layer(ChosenLayer, ['layers', index]));
    this.#parse(FleetFile.shape.layers, list, ['layers']);
    return [];
  }

  #devices(): DeviceEntry[] {
    const list = nodeAt(this.#yaml.root, ['devices']);
    if (list?.kind === 'list') return list.items.map((_, index) => this.#device(['devices', index]));
    if (list !== undefined || this.#isWhole) this.#parse(FleetFile.shape.devices, list, ['devices']);
    return [];
  }

  #device(path: FilePath): DeviceEntry {
    const list = nodeAt(this.#yaml.root, [...path, 'overrides']);
    const items = list?.kind === 'list' ? list.items : [];
    return {
      ...this.#layer(Device, path),
      overrides: items.map((_, index) => this.#layer(Override, [...path, 'overrides', index])),
    };
  }

  #named<Value>(key: string, schema: z.ZodObject & z.ZodType<Value>): Map<string, Entry<Value>> {
    return this.#each(key, (path) => ({ path, value: this.#entity(schema, path) }));
  }

  #namedLayers(key: string): Map<string, LayerEntry<Layer>> {
    return this.#each(key, (path) => this.#layer(Layer, path));
  }

  /** The entries of a map of names; a section that is empty or left out has none. */
  #each<Read>(key: string, read: (path: FilePath) => Read): Map<string, Read> {
    const map = nodeAt(this.#yaml.root, [key]);
    if (map === undefined) return new Map();
    if (map.kind === 'map') return new Map([...map.entries.keys()].map((name) => [name, read([key, name])]));
    this.problems.push(
      this.#yaml.error([key], `"${key}" takes names with something below each, or is left out.`),
    );
    return new Map();
  }

  #layer<Value>(schema: z.ZodObject & z.ZodType<Value>, path: FilePath): LayerEntry<Value> {
    const value = this.#entity(schema, path);
    const tree = nodeAt(this.#yaml.root, [...path, 'configuration']);
    if (tree === undefined) return { path, value, settings: new Map() };
    const { settings, problems } = flattenSettings(tree, [...path, 'configuration'], (offset) =>
      this.#yaml.place(offset),
    );
    this.problems.push(...problems);
    return { path, value, settings };
  }

  /** A value of an object's schema, or of what is wrong the fields that are right. */
  #entity<Value>(schema: z.ZodObject & z.ZodType<Value>, path: FilePath): Partial<Value> {
    const node = nodeAt(this.#yaml.root, path);
    if (node === undefined) return {};
    const plain = plainValue(node, this.#schema.at(path));
    const result = schema.safeParse(plain);
    if (result.success) return result.data;
    this.problems.push(...this.#issues.read(result.error.issues, path));
    if (node.kind !== 'map') return {};
    const right: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(schema.shape)) {
      const entry = node.entries.get(key);
      if (entry === undefined) continue;
      const read = (field as z.ZodType).safeParse((plain as Record<string, unknown>)[key]);
      if (read.success) right[key] = read.data;
    }
    return right as Partial<Value>;
  }

  #whole<Value>(schema: z.ZodType<Value>, key: string): Value | undefined {
    const node = nodeAt(this.#yaml.root, [key]);
    return node === undefined ? undefined : this.#parse(schema, node, [key]);
  }

  #parse<Value>(schema: z.ZodType<Value>, node: FileNode | undefined, path: FilePath): Value | undefined {
    const result = schema.safeParse(node === undefined ? undefined : plainValue(node, this.#schema.at(path)));
    if (result.success) return result.data;
    this.problems.push(...this.#issues.read(result.error.issues, path));
    return undefined;
  }

  #sections(sections: readonly Section<unknown>[]): Map<string, unknown> {
    const values = new Map<string, unknown>();
    for (const { key, schema } of sections) {
      const value = this.#whole(schema, key);
      if (value !== undefined) values.set(key, value);
    }
    return values;
  }
}
