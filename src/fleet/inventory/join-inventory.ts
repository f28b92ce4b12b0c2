import { isIP } from 'node:net';
import { type FileNode, type FilePath, type MapEntry, nodeAt } from '../file/tree.ts';
import { type YamlFile, yamlFile } from '../file/yaml-file.ts';
import { readDeviceHost, Wrong } from '../forms.ts';
import type { Problem } from '../problem.ts';
import type { InventorySection, PullSection } from './inventory-section.ts';
import { readMac } from './mac.ts';
import { freeName, type PulledDevice } from './pulled.ts';
import { fill } from './template.ts';

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
 * device of the file with the same MAC address or address is the same device:
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

/** A device of the file, as far as it says who it is. */
interface Own {
  readonly node: FileNode;
  readonly path: FilePath;
  readonly name: string | null;
  readonly formerly: string | null;
  readonly mac: string | null;
  readonly host: string | null;
}

const TITLE = 'Unified CM';

class Joiner {
  readonly problems: Problem[] = [];
  nextLeaveAt: number | null = null;
  readonly #yaml: YamlFile;
  readonly #own: readonly Own[];
  readonly #section: PullSection | null;
  readonly #devices: readonly PulledDevice[];
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
    this.#section = section.cucm;
    this.#devices = section.cucm === null ? [] : devices.filter(({ source }) => source === 'cucm');
    this.#now = now;
    this.#hosts = new Set(this.#own.flatMap(({ host }) => host ?? []));
    this.#claimed = new Set(
      this.#own.flatMap(({ name, formerly }) => [name, formerly].flatMap((one) => one?.toLowerCase() ?? [])),
    );
  }

  items(): readonly FileNode[] {
    const byMac = new Map(this.#own.flatMap((own) => (own.mac === null ? [] : [[own.mac, own] as const])));
    const byHost = new Map(
      this.#own.flatMap((own) => (own.host === null || own.mac !== null ? [] : [[own.host, own] as const])),
    );
    const merged = new Map<Own, PulledDevice>();
    const rest: PulledDevice[] = [];
    for (const device of this.#devices) {
      // An address that a device had once may be another's by now.
      const at = isThere(device) ? hostOf(device) : null;
      const own = byMac.get(device.mac) ?? byHost.get(at ?? '');
      if (own === undefined || merged.has(own)) rest.push(device);
      else merged.set(own, device);
    }
    for (const [own, device] of [...merged].sort(([, one], [, other]) => likelierFirst(one, other)))
      if (own.host === null && !this.#takes(device, own.name ?? device.name))
        merged.set(own, { ...device, address: null });
    const own = this.#own.map((one) => this.#merge(one, merged.get(one)));
    const further = this.#further(rest, merged);
    this.#tell(this.#nowhere, `no address that ${TITLE} knows of`);
    this.#tell(this.#crowded, 'an address that another device of the fleet has');
    this.#tellOfGone([...merged.values(), ...rest]);
    return [...own, ...further];
  }

  /** Gives a device its address, unless it has none that can be used, or another has it. */
  #takes(device: PulledDevice, name: string): boolean {
    const host = hostOf(device);
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

  #merge(own: Own, device: PulledDevice | undefined): FileNode {
    const { node, host, path } = own;
    if (node.kind !== 'map') return node;
    if (device === undefined) {
      if (own.mac !== null && host === null && this.#section !== null) this.#unknown(own);
      return node;
    }
    // A name may well mean the same address.
    if (host !== null && isAddress(host) && device.address !== null && host !== hostOf(device))
      this.#warn(
        [...path, 'host'],
        `${TITLE} has ${own.name ?? 'this device'} at ${device.address}; the file wins. Take "host" out to follow ${TITLE}.`,
      );
    const written = this.#entryOf(device, device.name, node.offset);
    // Who writes a device into the file gives it a name, and its history goes on.
    if (own.name !== null && !this.#claimed.has(device.name.toLowerCase()))
      written.set('formerly', entry(device.name, node.offset));
    return { ...node, entries: withTags(new Map([...written, ...node.entries]), written, node) };
  }

  #unknown({ path, mac, name }: Own): void {
    this.#warn(
      [...path, 'mac'],
      `the address of ${name ?? 'this device'} is not known: ${TITLE} has told nothing of ${mac} so far. It is left out until then; roomd inventory pull asks.`,
    );
  }

  /** Devices that the file does not name. */
  #further(rest: readonly PulledDevice[], merged: ReadonlyMap<Own, PulledDevice>): FileNode[] {
    const names = new Set([...this.#claimed, ...[...merged.values()].map(({ name }) => name.toLowerCase())]);
    const nodes: FileNode[] = [];
    for (const device of [...rest].sort(likelierFirst)) {
      if (this.#hasLeft(device) || !this.#takes(device, device.name)) continue;
      const name = freeName(device.name, device.mac, names);
      names.add(name.toLowerCase());
      const offset = this.#offset();
      nodes.push({ kind: 'map', entries: this.#entryOf(device, name, offset), offset });
    }
    return nodes;
  }

  #hasLeft({ goneSinceAt }: PulledDevice): boolean {
    const removeAfterMs = this.#section?.removeAfterMs ?? null;
    if (goneSinceAt === null || removeAfterMs === null) return false;
    const leavesAt = goneSinceAt + removeAfterMs;
    if (leavesAt <= this.#now) return true;
    this.nextLeaveAt = Math.min(this.nextLeaveAt ?? leavesAt, leavesAt);
    return false;
  }

  #tellOfGone(devices: readonly PulledDevice[]): void {
    const gone = devices.filter((device) => device.goneSinceAt !== null && !this.#hasLeft(device));
    const [first] = gone;
    if (first?.goneSinceAt == null) return;
    const more = gone.length === 1 ? '' : `, and so are ${gone.length - 1} more`;
    this.#warn(
      ['inventory', 'cucm'],
      `${first.name} is no longer in ${TITLE} since ${new Date(first.goneSinceAt).toISOString()}${more}: such a device stays in the fleet until roomd inventory forget or removeAfter takes it out.`,
    );
  }

  #tell(names: readonly string[], why: string): void {
    const [first, ...more] = names;
    if (first === undefined) return;
    const whom = more.length === 0 ? `${first} has` : `${first} and ${more.length} more have`;
    this.#warn(
      ['inventory', 'cucm'],
      `${whom} ${why}, and ${more.length === 0 ? 'is' : 'are'} left out; roomd inventory list shows all.`,
    );
  }

  #warn(path: FilePath, message: string): void {
    this.problems.push(this.#yaml.warning(path, message));
  }

  /** What stands in the fleet for a device. */
  #entryOf(device: PulledDevice, name: string, offset: number): Map<string, MapEntry> {
    const { mac, source, facts } = device;
    const tags = new Map([['source', entry(source, offset)]]);
    for (const [tag, template] of Object.entries(this.#section?.tags ?? {})) {
      const value = plain(fill(template, facts));
      if (value !== '') tags.set(tag, entry(value, offset));
    }
    const entries = new Map<string, MapEntry>([
      ['name', entry(name, offset)],
      ['mac', entry(mac, offset)],
      ['kind', entry(kindOf(device), offset)],
      ['tags', { node: { kind: 'map', entries: tags, offset }, keyOffset: offset }],
    ]);
    const host = hostOf(device);
    const port = this.#section?.port ?? 443;
    return host === null ? entries : entries.set('host', entry(`${host}:${port}`, offset));
  }

  #offset(): number {
    const { root } = this.#yaml;
    const inventory = root.kind === 'map' ? root.entries.get('inventory') : undefined;
    const cucm = inventory?.node.kind === 'map' ? inventory.node.entries.get('cucm') : undefined;
    return cucm?.keyOffset ?? inventory?.keyOffset ?? root.offset;
  }
}

function entry(text: string, offset: number): MapEntry {
  return { node: { kind: 'scalar', value: text, text, offset }, keyOffset: offset };
}

function ownOf(node: FileNode, path: FilePath): Own {
  const textAt = (key: string): string | null => {
    const found = nodeAt(node, [key]);
    return found?.kind === 'scalar' && found.text !== '' ? found.text : null;
  };
  const mac = readMac(textAt('mac') ?? '');
  const host = readDeviceHost(textAt('host') ?? '');
  return {
    node,
    path,
    name: textAt('name'),
    formerly: textAt('formerly'),
    mac: mac instanceof Wrong ? null : mac,
    host: host instanceof Wrong || host.host === '' ? null : host.host.toLowerCase(),
  };
}

/** Tags of the file win one by one, not as a whole. */
function withTags(
  entries: Map<string, MapEntry>,
  pulled: ReadonlyMap<string, MapEntry>,
  own: FileNode,
): ReadonlyMap<string, MapEntry> {
  const [theirs, ours] = [pulled.get('tags'), own.kind === 'map' ? own.entries.get('tags') : undefined];
  if (theirs?.node.kind !== 'map' || ours?.node.kind !== 'map') return entries;
  const tags = new Map([...theirs.node.entries, ...ours.node.entries]);
  return entries.set('tags', { ...ours, node: { ...ours.node, entries: tags } });
}

/** Of two devices with one address, the one that is registered has it. */
function likelierFirst(one: PulledDevice, other: PulledDevice): number {
  return rank(one) - rank(other) || other.sinceAt - one.sinceAt || (one.mac < other.mac ? -1 : 1);
}

function isThere({ isRegistered, goneSinceAt }: PulledDevice): boolean {
  return goneSinceAt === null && isRegistered !== false;
}

function rank({ isRegistered, goneSinceAt }: PulledDevice): number {
  return (goneSinceAt === null ? 0 : 2) + (isRegistered === true ? 0 : 1);
}

function kindOf({ facts: { model, product } }: PulledDevice): 'board' | 'room' | 'desk' {
  const words = `${model} ${product}`;
  if (/\bboard\b/i.test(words)) return 'board';
  return /\bdesk\b|\bDX\d/i.test(words) ? 'desk' : 'room';
}

/** The device's address as the file has hosts; null where it has none that could stand there. */
function hostOf({ address }: PulledDevice): string | null {
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
