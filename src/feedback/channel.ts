import type { Delta, TreeName } from '../xapi/device.ts';
import type { Expression } from '../xapi/expression.ts';
import { type PathText, parsePath, type Segment } from '../xapi/path.ts';

export type Channel = 'webhook' | 'session';

/** How a device is heard: over its slot while that is healthy, for what the slot's expressions cover. */
export interface Hearing {
  readonly slotHealthy: boolean;
  readonly expressions: readonly Expression[];
}

/** The one channel whose word on a path is recorded. */
export function authoritative(hearing: Hearing, tree: TreeName, path: PathText): Channel {
  return hearing.slotHealthy && isCovered(hearing.expressions, tree, path) ? 'webhook' : 'session';
}

/** What of a session's delta belongs to one channel: `session`, it is recorded; `webhook`, a post brings it; null for nothing. */
export function partOf(channel: Channel, delta: Delta, hearing: Hearing): Delta | null {
  if (!hearing.slotHealthy) return channel === 'session' ? delta : null;
  const belongs = (path: PathText): boolean => authoritative(hearing, delta.tree, path) === channel;
  const part: Delta = {
    tree: delta.tree,
    leaves: new Map([...delta.leaves].filter(([path]) => belongs(path))),
    gone: delta.gone.filter(belongs),
    bare: new Map([...delta.bare].filter(([path]) => belongs(path))),
  };
  return part.leaves.size + part.gone.length + part.bare.size === 0 ? null : part;
}

/** Whether one of the expressions covers a path. One without an index covers every index; a node that is gone is covered with what is below it. */
export function isCovered(expressions: readonly Expression[], tree: TreeName, path: PathText): boolean {
  const segments = parsePath(path);
  return expressions.some((expression) => {
    if (expression.tree !== tree) return false;
    const shared = Math.min(expression.path.length, segments.length);
    return expression.path
      .slice(0, shared)
      .every((wanted, at) => isSameSegment(wanted, segments[at] ?? wanted));
  });
}

function isSameSegment(wanted: Segment, actual: Segment): boolean {
  if (wanted.name.toLowerCase() !== actual.name.toLowerCase()) return false;
  return wanted.index === null || actual.index === null || wanted.index === actual.index;
}
