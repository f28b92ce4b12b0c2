import type { LeafMap } from '../xapi/device.ts';
import type { PathText } from '../xapi/path.ts';
import type { Leaves } from './event.ts';
import { sensorAt } from './sensor.ts';
import { isUnderSpans } from './span-rules.ts';

/**
 * What a device said last of its lasting states, as recorded: calls, standby,
 * use, peripherals, Diagnostics. A reading that says otherwise shows that a
 * post was lost. Measurements and counts are not among them: they change by
 * themselves.
 */
export type Words = LeafMap;

export const NO_WORDS: Words = new Map();

/** The nodes whose status is read as a whole after gaps and on a timer. */
export const SNAPSHOT_NODES: readonly PathText[] = [
  'RoomAnalytics',
  'Standby',
  'Call',
  'Peripherals.ConnectedDevice',
  'Diagnostics',
  'SystemUnit',
];

const UPTIME = 'SystemUnit.Uptime';
const CALL_STATUS = /^Call\[\d+\]\.Status$/;
/** Uptime is told in whole seconds, and an answer takes its time. */
const UPTIME_SLACK_MS = 120_000;

/** Whether a status leaf belongs into a snapshot. */
export function isSnapshotLeaf(path: PathText): boolean {
  return (
    /^(?:RoomAnalytics|Standby|Call)[.[]/.test(path) ||
    path === UPTIME ||
    isUnderSpans(path) ||
    sensorAt(path) !== null
  );
}

/** The words in a whole status; `at` is when it was read. */
export function wordsIn(leaves: Leaves, at: number): Words {
  const words = new Map<PathText, string>();
  for (const [path, value] of Object.entries(leaves)) {
    if (isWord(path)) words.set(path, value);
    if (path === UPTIME) words.set(UPTIME, String(at - Number(value) * 1_000));
  }
  return words;
}

/** The words after a change; the same object where it holds none. */
export function wordsAfter(
  words: Words,
  { leaves, gone }: { leaves: Leaves; gone: readonly PathText[] },
): Words {
  const told = Object.entries(leaves).filter(([path]) => isWord(path));
  const lost =
    gone.length === 0 ? [] : [...words.keys()].filter((path) => gone.some((node) => isBelow(path, node)));
  if (told.length === 0 && lost.length === 0) return words;
  const after = new Map(words);
  for (const path of lost) after.delete(path);
  for (const [path, value] of told) after.set(path, value);
  return after;
}

/** The path of a word on which record and reading differ; null where there is none. */
export function differingWord(recorded: Words, read: Words): PathText | null {
  for (const path of new Set([...recorded.keys(), ...read.keys()])) {
    const one = recorded.get(path);
    const other = read.get(path);
    if (path !== UPTIME && one !== other) return path;
    // A session that comes up anew does not tell it, so the first reading after is news.
    if (path === UPTIME && other !== undefined && !(Math.abs(Number(one) - Number(other)) <= UPTIME_SLACK_MS))
      return path;
  }
  return null;
}

function isWord(path: PathText): boolean {
  return CALL_STATUS.test(path) || isUnderSpans(path);
}

function isBelow(path: PathText, node: PathText): boolean {
  return path === node || path.startsWith(`${node}.`) || path.startsWith(`${node}[`);
}
