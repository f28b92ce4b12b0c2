import { type FileNode, type FilePath, type MapEntry, nodeAt } from '../file/tree.ts';
import { readDeviceHost, Wrong } from '../forms.ts';
import { readMac, readSerial } from './identity.ts';

/** A device of the file, as far as it says who it is. */
export interface Own {
  readonly node: FileNode;
  readonly path: FilePath;
  readonly name: string | null;
  readonly formerly: string | null;
  readonly mac: string | null;
  readonly serial: string | null;
  readonly host: string | null;
}

export function entry(text: string, offset: number): MapEntry {
  return { node: { kind: 'scalar', value: text, text, offset }, keyOffset: offset };
}

export function ownOf(node: FileNode, path: FilePath): Own {
  const textAt = (key: string): string | null => {
    const found = nodeAt(node, [key]);
    return found?.kind === 'scalar' && found.text !== '' ? found.text : null;
  };
  const mac = readMac(textAt('mac') ?? '');
  const serial = readSerial(textAt('serial') ?? '');
  const host = readDeviceHost(textAt('host') ?? '');
  return {
    node,
    path,
    name: textAt('name'),
    formerly: textAt('formerly'),
    mac: mac instanceof Wrong ? null : mac,
    serial: serial instanceof Wrong ? null : serial,
    host: host instanceof Wrong || host.host === '' ? null : host.host.toLowerCase(),
  };
}

/** Tags of the file win one by one, not as a whole. */
export function withTags(
  entries: Map<string, MapEntry>,
  pulled: ReadonlyMap<string, MapEntry>,
  own: FileNode,
): ReadonlyMap<string, MapEntry> {
  const [theirs, ours] = [pulled.get('tags'), own.kind === 'map' ? own.entries.get('tags') : undefined];
  if (theirs?.node.kind !== 'map' || ours?.node.kind !== 'map') return entries;
  const tags = new Map([...theirs.node.entries, ...ours.node.entries]);
  return entries.set('tags', { ...ours, node: { ...ours.node, entries: tags } });
}
