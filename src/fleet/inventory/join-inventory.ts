import { isIP } from 'node:net';
import { type FileNode, type FilePath, type MapEntry, nodeAt } from '../file/tree.ts';
import { type YamlFile, yamlFile } from '../file/yaml-file.ts';
import { readDeviceHost, Wrong } from '../forms.ts';
import type { Problem } from '../problem.ts';
import { type InventorySection, SOURCE_TITLES, type SourceName, sourcesOf } from './inventory-section.ts';
import { entry, type Own, ownOf, withTags } from './own-device.ts';
import { freeName, keyOf, type PulledDevice } from './pulled.ts';
import { fill } from './template.ts';
import { isThere, likelierFirst, mergeUnits, type Unit, unitsOf } from './unit.ts';

export interface JoinedInventory {
  /** The file with the pulled devices behind its own. */
  readonly yaml: YamlFile;
  readonly problems: readonly Problem[];
  /** When the next device leaves the fleet by time alone, UTC milliseconds; null: none does. */
  readonly nextLeaveAt: number | null;
}

/**
 * Puts devices that were pulled beside those that the file names, as if they
 * were written there: layers, selectors and checks are the same for all. A
 * device of the file with the same MAC address, serial number or address is the same device:
 * what the file says wins, and what it leaves out is taken from the pull.
 *
 * Nothing that another system holds makes the file invalid: a device that
 * cannot be told from another, or has no address, is left out and told of.
 */
export function joinInventory(
  yaml: YamlFile,
  inventory: {
    readonly section: InventorySection;
    readonly devices: readonly PulledDevice[];
    readonly now: number;
  },
): JoinedInventory {
  const { root } = yaml;
  const list = nodeAt(root, ['devices']);
  if (root.kind !== 'map' || (list !== undefined && list.kind !== 'list'))
    return { yaml, problems: [], nextLeaveAt: null };
  const joiner = new Joiner(yaml, list?.items ?? [], inventory);
  const offset = list?.offset ?? root.offset;
  const items = joiner.items();
  const keyOffset = root.entries.get('devices')?.keyOffset ?? offset;
  const entries = new Map(root.entries).set('devices', { node: { kind: 'list', items, offset }, keyOffset });
  return {
    yaml: yamlFile({ ...root, entries }, (at) => yaml.place(at)),
    problems: joiner.problems,
    nextLeaveAt: joiner.nextLeaveAt,
  };
}

class Joiner {
  readonly problems: Problem[] = [];
  nextLeaveAt: number | null = null;
  readonly #yaml: YamlFile;
  readonly #own: readonly Own[];
  readonly #section: InventorySection;
  readonly #sources: readonly SourceName[];
  readonly #units: readonly Unit[];
  readonly #now: number;
  /** Names that the file gives, or says that a device had. */
  readonly #claimed: ReadonlySet<string>;
  /** Hosts that devices of the fleet have, in lower case. */
  readonly #hosts: Set<string>;
  /** Devices that are left out, and why. */
  readonly #nowhere: string[] = [];
  readonly #crowded: string[] = [];

  constructor(
    yaml: YamlFile,
    items: readonly FileNode[],
    { section, devices, now }: { section: InventorySection; devices: readonly PulledDevice[]; now: number },
  ) {
    this.#yaml = yaml;
    this.#own = items.map((node, at) => ownOf(node, ['devices', at]));
    this.#section = section;
    this.#sources = sourcesOf(section);
    this.#units = unitsOf(
      devices.filter(({ source }) => this.#sources.includes(source)),
      section,
    );
    this.#now = now;
    this.#hosts = new Set(this.#own.flatMap(({ host }) => host ?? []));
    this.#claimed = new Set(
      this.#own.flatMap(({ name, formerly }) => [name, formerly].flatMap((one) => one?.toLowerCase() ?? [])),
    );
  }

  items(): readonly FileNode[] {
    const { merged, rest } = this.#match();
    for (const [own, unit] of [...merged].sort(([, one], [, other]) => likelierFirst(one, other)))
      if (own.host === null && !this.#takes(unit, own.name ?? unit.name))
        merged.set(own, { ...unit, address: null });
    const own = this.#own.map((one) => this.#merge(one, merged.get(one)));
    const further = this.#further(rest, merged);
    this.#tell(this.#nowhere, `no address that ${this.#titles(this.#sources)} knows of`);
    this.#tell(this.#crowded, 'an address that another device of the fleet has');
    this.#tellOfGone([...merged.values(), ...rest]);
    return [...own, ...further];
  }

  /** Which devices of the file are units that were pulled, and the units that none is. */
  #match(): { merged: Map<Own, Unit>; rest: Unit[] } {
    const known = (key: 'mac' | 'serial') =>
      new Map(this.#own.flatMap((own) => (own[key] === null ? [] : [[own[key], own] as const])));
    const [byMac, bySerial] = [known('mac'), known('serial')];
    const byHost = new Map(
      this.#own.flatMap((own) => (own.host === null || own.mac !== null ? [] : [[own.host, own] as const])),
    );
    const merged = new Map<Own, Unit>();
    const rest: Unit[] = [];
    for (const unit of this.#units) {
      const identified = byMac.get(unit.mac ?? '') ?? bySerial.get(unit.serial ?? '');
      // An address that a device had once may be another's by now.
      const own = identified ?? byHost.get((isThere(unit) ? hostOf(unit) : null) ?? '');
      const before = own === undefined ? undefined : merged.get(own);
      if (own === undefined || (before !== undefined && identified === undefined)) rest.push(unit);
      else merged.set(own, before === undefined ? unit : mergeUnits(before, unit, this.#section));
    }
    return { merged, rest };
  }

  /** Gives a device its address, unless it has none that can be used, or another has it. */
  #takes(unit: Unit, name: string): boolean {
    const host = hostOf(unit);
    if (host === null) {
      this.#nowhere.push(name);
      return false;
    }
    if (this.#hosts.has(host)) {
      this.#crowded.push(`${name} (${host})`);
      return false;
    }
    this.#hosts.add(host);
    return true;
  }

  #merge(own: Own, unit: Unit | undefined): FileNode {
    const { node, host, path } = own;
    if (node.kind !== 'map') return node;
    if (unit === undefined) {
      if (host === null && this.#sources.length > 0) this.#unknown(own);
      return node;
    }
    // A name may well mean the same address.
    if (host !== null && isAddress(host) && unit.address !== null && host !== hostOf(unit)) {
      const title = this.#titles(unit.parts.map(({ source }) => source));
      this.#warn(
        [...path, 'host'],
        `${title} has ${own.name ?? 'this device'} at ${unit.address}; the file wins. Take "host" out to follow ${title}.`,
      );
    }
    const written = this.#entryOf(unit, unit.name, node.offset);
    // Who writes a device into the file gives it a name, and its history goes on.
    if (own.name !== null && !this.#claimed.has(unit.name.toLowerCase()))
      written.set('formerly', entry(unit.name, node.offset));
    return { ...node, entries: withTags(new Map([...written, ...node.entries]), written, node) };
  }

  #unknown({ path, mac, serial, name }: Own): void {
    const key = mac === null ? serial : mac;
    if (key === null) return;
    this.#warn(
      [...path, mac === null ? 'serial' : 'mac'],
      `the address of ${name ?? 'this device'} is not known: ${this.#titles(this.#sources)} has told nothing of ${key} so far. It is left out until then; roomd inventory pull asks.`,
    );
  }

  /** Devices that the file does not name. */
  #further(rest: readonly Unit[], merged: ReadonlyMap<Own, Unit>): FileNode[] {
    const names = new Set([...this.#claimed, ...[...merged.values()].map(({ name }) => name.toLowerCase())]);
    const nodes: FileNode[] = [];
    for (const unit of [...rest].sort(likelierFirst)) {
      if (this.#hasLeft(unit) || !this.#takes(unit, unit.name)) continue;
      const name = freeName(unit.name, keyOf(unit), names);
      names.add(name.toLowerCase());
      const offset = this.#offset(unit);
      nodes.push({ kind: 'map', entries: this.#entryOf(unit, name, offset), offset });
    }
    return nodes;
  }

  /** Once every source has let go of it. */
  #hasLeft({ parts, goneSinceAt }: Unit): boolean {
    if (goneSinceAt === null) return false;
    const leaveAts = parts.map(({ source, goneSinceAt: since }) => {
      const removeAfterMs = this.#section[source]?.removeAfterMs ?? null;
      return since === null || removeAfterMs === null ? Number.POSITIVE_INFINITY : since + removeAfterMs;
    });
    const leavesAt = Math.max(...leaveAts);
    if (leavesAt <= this.#now) return true;
    if (Number.isFinite(leavesAt)) this.nextLeaveAt = Math.min(this.nextLeaveAt ?? leavesAt, leavesAt);
    return false;
  }

  #tellOfGone(units: readonly Unit[]): void {
    const gone = units.filter((unit) => unit.goneSinceAt !== null && !this.#hasLeft(unit));
    const [first] = gone;
    if (first?.goneSinceAt == null) return;
    const more = gone.length === 1 ? '' : `, and so are ${gone.length - 1} more`;
    const title = this.#titles(first.parts.map(({ source }) => source));
    this.#warn(
      this.#path(),
      `${first.name} is no longer in ${title} since ${new Date(first.goneSinceAt).toISOString()}${more}: such a device stays in the fleet until roomd inventory forget or removeAfter takes it out.`,
    );
  }

  #tell(names: readonly string[], why: string): void {
    const [first, ...more] = names;
    if (first === undefined) return;
    const whom = more.length === 0 ? `${first} has` : `${first} and ${more.length} more have`;
    this.#warn(
      this.#path(),
      `${whom} ${why}, and ${more.length === 0 ? 'is' : 'are'} left out; roomd inventory list shows all.`,
    );
  }

  #warn(path: FilePath, message: string): void {
    this.problems.push(this.#yaml.warning(path, message));
  }

  /** Where something stands that is about what was pulled. */
  #path(): FilePath {
    const [only, ...more] = this.#sources;
    return only === undefined || more.length > 0 ? ['inventory'] : ['inventory', only];
  }

  #titles(sources: readonly SourceName[]): string {
    return sources.map((source) => SOURCE_TITLES[source]).join(' or ');
  }

  /** What stands in the fleet for a device. */
  #entryOf(unit: Unit, name: string, offset: number): Map<string, MapEntry> {
    const tags = new Map<string, MapEntry>();
    // The first source has the last word.
    for (const { source, facts } of unit.parts.toReversed()) {
      tags.set('source', entry(source, offset));
      for (const [tag, template] of Object.entries(this.#section[source]?.tags ?? {})) {
        const value = plain(fill(template, facts));
        if (value !== '') tags.set(tag, entry(value, offset));
      }
    }
    const host = hostOf(unit);
    const told: [string, string | null][] = [
      ['name', name],
      ['mac', unit.mac],
      ['serial', unit.serial],
      ['kind', kindOf(unit)],
      ['host', host === null ? null : `${host}:${unit.port}`],
    ];
    return new Map<string, MapEntry>([
      ...told.flatMap(([key, text]): [string, MapEntry][] =>
        text === null ? [] : [[key, entry(text, offset)]],
      ),
      ['tags', { node: { kind: 'map', entries: tags, offset }, keyOffset: offset }],
    ]);
  }

  #offset({ parts }: Unit): number {
    const { root } = this.#yaml;
    const inventory = root.kind === 'map' ? root.entries.get('inventory') : undefined;
    const source = parts[0]?.source ?? '';
    const named = inventory?.node.kind === 'map' ? inventory.node.entries.get(source) : undefined;
    return named?.keyOffset ?? inventory?.keyOffset ?? root.offset;
  }
}

function kindOf({ parts }: Unit): 'board' | 'room' | 'desk' {
  const words = parts.map(({ facts: { model, product } }) => `${model} ${product}`).join(' ');
  if (/\bboard\b/i.test(words)) return 'board';
  return /\bdesk\b|\bDX\d/i.test(words) ? 'desk' : 'room';
}

/** The device's address as the file has hosts; null where it has none that could stand there. */
function hostOf({ address }: Unit): string | null {
  if (address === null) return null;
  const host = readDeviceHost(isIP(address) === 6 ? `[${address}]` : address);
  return host instanceof Wrong ? null : host.host.toLowerCase();
}

/** Whether it is an address and no name. */
function isAddress(host: string): boolean {
  return isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** What another system holds is no reference to a secret. */
function plain(text: string): string {
  return text.replaceAll('${', '{');
}
