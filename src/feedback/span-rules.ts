import type { SpanTable } from '../storage/tables/records.ts';
import type { PathText } from '../xapi/path.ts';
import type { Leaves } from './event.ts';

export type SpanKind = SpanTable['kind'];

/** What status leaves show at one moment. */
export interface ShownSpan {
  readonly kind: SpanKind;
  readonly key: string;
  readonly value: string;
  /** JSON of what belongs to it; null where nothing does. */
  readonly detail: string | null;
  /** The leaves that it was read from. */
  readonly from: readonly PathText[];
}

const SINGLE: ReadonlyMap<PathText, SpanKind> = new Map([
  ['RoomAnalytics.RoomInUse', 'in-use'],
  ['Standby.State', 'standby'],
  ['SystemUnit.Software.Version', 'software'],
  ['RoomAnalytics.PeopleCount.Capacity', 'capacity'],
]);

/** Serial numbers, addresses and network names of peripherals are left out: nobody asks for them, and a name can be a person's. */
const PERIPHERAL = /^Peripherals\.ConnectedDevice\[(\d+)\]\.(Status|Name|Type|Location)$/;
const MESSAGE = /^Diagnostics\.Message\[(\d+)\]\.(Type|Level|Description)$/;

/** Whether spans are read from a status leaf. */
export function isUnderSpans(path: PathText): boolean {
  return SINGLE.has(path) || PERIPHERAL.test(path) || MESSAGE.test(path);
}

/** Everything that the leaves show. Two messages of one type are one, at the worse level. */
export function spansIn(leaves: Leaves): ShownSpan[] {
  const spans: ShownSpan[] = [];
  for (const [path, kind] of SINGLE) {
    const text = leaves[path];
    const value = text === undefined ? '' : valueOf(kind, text);
    if (value !== '') spans.push({ kind, key: '', value, detail: null, from: [path] });
  }
  for (const [id, node] of nodesIn(leaves, PERIPHERAL)) {
    const { Status: value, Name: name, Type: type, Location: location } = node.leaves;
    if (value !== undefined && value !== '')
      spans.push({
        kind: 'peripheral',
        key: id,
        value,
        detail: JSON.stringify({ name, type, location }),
        from: node.from,
      });
  }
  return [...spans, ...messagesIn(leaves)];
}

/** Which spans go with a node that is gone; `leaves` as before it went. */
export function spansUnder(gone: PathText, leaves: Leaves): Pick<ShownSpan, 'kind' | 'key'>[] {
  const rest = Object.fromEntries(
    Object.entries(leaves).filter(
      ([path]) => path !== gone && !path.startsWith(`${gone}.`) && !path.startsWith(`${gone}[`),
    ),
  );
  const left = new Set(spansIn(rest).map(({ kind, key }) => `${kind}/${key}`));
  return spansIn(leaves).filter(({ kind, key }) => !left.has(`${kind}/${key}`));
}

const LEVELS = ['OK', 'Info', 'Warning', 'Error', 'Critical'];

function messagesIn(leaves: Leaves): ShownSpan[] {
  const byType = new Map<string, ShownSpan>();
  for (const [, node] of nodesIn(leaves, MESSAGE)) {
    const { Type: type, Level: level, Description: description } = node.leaves;
    if (type === undefined || level === undefined) continue;
    const other = byType.get(type);
    const span = {
      kind: 'diagnostic' as const,
      key: type,
      value: level,
      detail: JSON.stringify({ description }),
      from: [...node.from, ...(other?.from ?? [])],
    };
    const isWorse = other === undefined || LEVELS.indexOf(level) > LEVELS.indexOf(other.value);
    byType.set(type, isWorse ? span : { ...other, from: span.from });
  }
  return [...byType.values()];
}

interface Node {
  readonly leaves: Record<string, string>;
  readonly from: PathText[];
}

function nodesIn(leaves: Leaves, pattern: RegExp): Map<string, Node> {
  const nodes = new Map<string, Node>();
  for (const [path, value] of Object.entries(leaves)) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const [, id = '', name = ''] = match;
    const node = nodes.get(id) ?? { leaves: {}, from: [] };
    node.leaves[name] = value;
    node.from.push(path);
    nodes.set(id, node);
  }
  return nodes;
}

function valueOf(kind: SpanKind, text: string): string {
  if (kind === 'in-use') return usedOf(text);
  // A device that knows no capacity tells 0 or -1.
  return kind === 'capacity' && !/^[1-9]\d*$/.test(text) ? '' : text;
}

function usedOf(text: string): string {
  if (text === 'True') return 'yes';
  return text === 'False' ? 'no' : '';
}
