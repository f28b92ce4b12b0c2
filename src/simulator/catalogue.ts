import type {
  CommandSpec,
  PatternSegment,
  SettingSpec,
  StatusSpec,
  ValueSpace,
} from '../schema/product-schema.ts';
import type { DeviceModel } from './model.ts';
import { type NodePath, namesOf, nodePath, type Token, textOf } from './node-path.ts';
import type { Leaf, LeafValue } from './node-tree.ts';
import { nameValueSpaces } from './value-space-names.ts';

/** One setting of the complete tree, index by index. */
export interface KnownSetting {
  readonly path: NodePath;
  readonly spec: SettingSpec;
  readonly valueSpaceRef: string;
  readonly default: string;
}

/**
 * What all devices of one model share: the complete tree with its defaults,
 * the commands and the value spaces. A device holds only what differs.
 */
export interface Catalogue {
  readonly model: DeviceModel;
  /** By lower-case path text, in the order of the configuration document. */
  readonly settings: ReadonlyMap<string, KnownSetting>;
  /** Status leaves that stand without anything happening, by lower-case path text. */
  readonly statuses: ReadonlyMap<string, Leaf>;
  /** By lower-case path, names joined by "/". */
  readonly commands: ReadonlyMap<string, CommandSpec>;
  readonly valueSpaces: ReadonlyMap<string, ValueSpace>;
  /** Lower-case names, ids left out, of every node the model knows, "status." or "configuration." before them. */
  readonly knownNodes: ReadonlySet<string>;
}

/** Reads a model once; devices of the same model are made from the same catalogue. */
export function catalogueOf(model: DeviceModel): Catalogue {
  const { schema } = model;
  const names = nameValueSpaces(schema.settings.map((spec) => ({ path: spec.path, space: spec.valueSpace })));
  const settings = new Map<string, KnownSetting>();
  const knownNodes = new Set<string>();
  for (const spec of schema.settings) {
    for (const tokens of expand(spec.path)) {
      const path = nodePath(textOf(tokens));
      const valueSpaceRef = names.nameOf(spec.valueSpace);
      settings.set(path.text.toLowerCase(), { path, spec, valueSpaceRef, default: defaultOf(spec, tokens) });
      addNodes(knownNodes, 'configuration', path.keys);
    }
  }
  const statuses = new Map<string, Leaf>();
  for (const spec of schema.statuses) {
    addNodes(
      knownNodes,
      'status',
      spec.path.map(({ name }) => name.toLowerCase()),
    );
    for (const tokens of standingNodes(spec)) {
      const path = nodePath(textOf(tokens));
      statuses.set(path.text.toLowerCase(), { path, value: standingValue(spec.valueSpace) });
    }
  }
  const commands = new Map(schema.commands.map((spec) => [spec.path.join('/').toLowerCase(), spec] as const));
  return { model, settings, statuses, commands, valueSpaces: names.spaces, knownNodes };
}

/** Whether the model knows the node, present or not. */
export function isKnownNode(catalogue: Catalogue, keys: readonly Token[]): boolean {
  return keys.length === 1 || catalogue.knownNodes.has(namesOf(keys));
}

/** Every concrete path of a pattern. An open list `[n]` of settings has its first member only. */
function expand(pattern: readonly PatternSegment[]): Token[][] {
  let paths: Token[][] = [[]];
  for (const { name, index } of pattern) {
    if (index === null) {
      for (const path of paths) path.push(name);
      continue;
    }
    const first = index.first ?? 1;
    const last = Math.max(first, index.last ?? first);
    const ids = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    paths = paths.flatMap((path) => ids.map((id) => [...path, name, id]));
  }
  return paths;
}

function defaultOf(spec: SettingSpec, tokens: readonly Token[]): string {
  const indices = tokens.filter((token) => typeof token === 'number').join('.');
  const stated = spec.defaults.byIndex[indices] ?? spec.defaults.all;
  if (stated !== null && stated !== undefined) return stated;
  switch (spec.valueSpace.type) {
    case 'Literal':
      return spec.valueSpace.values[0] ?? '';
    case 'Integer':
      return String(Math.max(0, spec.valueSpace.min ?? 0));
    case 'String':
      return '';
    default:
      return spec.valueSpace satisfies never;
  }
}

/** Lists in status are empty until something fills them; what has no id stands always. */
function standingNodes(spec: StatusSpec): Token[][] {
  const isList = spec.path.some(({ index }) => index !== null && index.last === null);
  return isList ? [] : expand(spec.path);
}

const QUIET_WORDS = [
  'Off',
  'False',
  'None',
  'NotConnected',
  'Inactive',
  'Idle',
  'Disconnected',
  'Unknown',
  'No',
];

function standingValue(space: ValueSpace | null): LeafValue {
  if (space === null || space.type === 'String') return '';
  if (space.type === 'Integer') return Math.max(0, space.min ?? 0);
  return QUIET_WORDS.find((word) => space.values.includes(word)) ?? space.values[0] ?? '';
}

function addNodes(known: Set<string>, tree: string, keys: readonly Token[]): void {
  let path = tree;
  for (const key of keys) {
    if (typeof key === 'number') continue;
    path += `.${key}`;
    known.add(path);
  }
}
