import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import { readEvents } from '../storage/events.ts';
import type { WriteTable } from '../storage/tables/configuration.ts';
import { type PathText, pathKey } from '../xapi/path.ts';
import type { ApprovedThing } from './approved-content.ts';
import type { ApprovedValue, LegacyContent } from './approved-settings.ts';
import { isSecretRecord } from './audit.ts';
import type { Outcome } from './change.ts';
import { commitOf, type FleetCommit } from './fleet-commit.ts';
import { comparePaths } from './held-settings.ts';
import { THING_KINDS } from './thing-kinds.ts';

/**
 * What roomd knows of one setting at one time.
 * - `written`: it wrote this value and read it back
 * - `heard`: the device told of it
 * - `seen-before-write`: it stood there when roomd next wrote, after the time asked for; whether it stood there already then, nobody knows for certain
 */
export interface KnownValue {
  readonly value: string;
  readonly basis: 'written' | 'heard' | 'seen-before-write';
  /** UTC milliseconds. */
  readonly at: number;
}

export interface SettingThenAndNow {
  readonly path: PathText;
  /** What was approved; null where nothing was. Secrets are `[secret]`. */
  readonly approvedThen: string | null;
  readonly approvedNow: string | null;
  /** What the device held as far as roomd knows; null is unknown. */
  readonly heldThen: KnownValue | null;
  readonly heldNow: KnownValue | null;
}

export interface ThenAndNow {
  readonly revisionThen: string | null;
  readonly revisionNow: string | null;
  /** Where the fleet file of each stood in git. */
  readonly commitThen: FleetCommit | null;
  readonly commitNow: FleetCommit | null;
  /** Settings, and things besides them, of which something differs, in the order of their paths. */
  readonly changed: readonly SettingThenAndNow[];
  /** Settings that are the same as far as roomd knows. */
  readonly same: number;
  /** Settings that were approved then and of which no record tells what the device held. */
  readonly unknown: readonly PathText[];
}

/**
 * Compares what was approved for a device, and what it held as far as the
 * record tells, at a time with now. The record is roomd's: its revisions, its
 * writes and what the device told. A change that nobody told of is not in it.
 * @throws StorageError
 */
export async function thenAndNow(
  database: Database,
  { deviceId, at, now }: { deviceId: number; at: number; now: number },
  options: AbortOptions = {},
): Promise<ThenAndNow> {
  const [then, present] = [
    await approvedAt(database, { deviceId, at }, options),
    await approvedAt(database, { deviceId, at: now }, options),
  ];
  const record = await readRecord(database, deviceId, options);
  const paths = new Map<string, PathText>();
  for (const path of [...record.keys(), ...then.settings.keys(), ...present.settings.keys()])
    if (!paths.has(pathKey(path))) paths.set(pathKey(path), path);
  const rows = [...paths.values()].sort(comparePaths).map((path) => {
    const steps = record.get(path) ?? [];
    return { path, row: rowOf(path, { before: then, present, steps, at, now }) };
  });
  const changed = rows.filter(({ row, path }) =>
    differs(row, then.settings.get(path), present.settings.get(path)),
  );
  return {
    revisionThen: then.revision,
    revisionNow: present.revision,
    commitThen: then.commit,
    commitNow: present.commit,
    changed: changed.map(({ row }) => row),
    same: rows.length - changed.length,
    unknown: rows
      .filter(({ row }) => row.approvedThen !== null && row.heldThen === null)
      .map(({ path }) => path),
  };
}

/** What is approved for a device, in words; null where nothing is. */
export async function approvedInWords(
  database: Database,
  when: { readonly deviceId: number; readonly at: number },
  options: AbortOptions = {},
): Promise<{ readonly revision: string; readonly settings: ReadonlyMap<PathText, string> } | null> {
  const { revision, settings } = await approvedAt(database, when, options);
  if (revision === null) return null;
  const shown = [...settings].flatMap(([path, value]) => {
    const text = shownApproval(path, value);
    return text === null ? [] : [[path, text] as const];
  });
  return { revision, settings: new Map(shown) };
}

interface ApprovedState {
  readonly revision: string | null;
  readonly commit: FleetCommit | null;
  readonly settings: ReadonlyMap<PathText, ApprovedValue>;
}

/** Something that was learned of a setting, in the order of time. */
interface Step {
  readonly at: number;
  /** Null where afterwards nobody knew what the device held. */
  readonly value: string | null;
  readonly basis: 'written' | 'heard';
  /** What stood there just before, where that was seen. */
  readonly before: string | null;
}

const SHOWN_SECRET = '[secret]';
const PAGE = 1_000;

async function approvedAt(
  database: Database,
  { deviceId, at }: { deviceId: number; at: number },
  options: AbortOptions,
): Promise<ApprovedState> {
  const [row] = await database.read(
    database.query
      .selectFrom('revision')
      .select(['id', 'desired_json', 'git_commit', 'git_dirty'])
      .where('approved_at', '<=', at)
      .orderBy('seq', 'desc')
      .limit(1),
    options,
  );
  if (row === undefined) return { revision: null, commit: null, settings: new Map() };
  const desired = JSON.parse(row.desired_json) as Record<string, Record<string, ApprovedValue>>;
  const own = desired[String(deviceId)];
  const settings = new Map(Object.entries(own ?? {}));
  return own === undefined
    ? { revision: null, commit: null, settings }
    : { revision: row.id, commit: commitOf(row), settings };
}

/** By path, in the order of time. */
async function readRecord(
  database: Database,
  deviceId: number,
  options: AbortOptions,
): Promise<ReadonlyMap<PathText, Step[]>> {
  const steps = new Map<string, { path: PathText; steps: Step[] }>();
  const add = (path: PathText, step: Step): void => {
    const known = steps.get(pathKey(path)) ?? { path, steps: [] };
    known.steps.push(step);
    steps.set(pathKey(path), known);
  };
  await eachWrite(database, deviceId, options, add);
  await eachEvent(database, deviceId, options, add);
  return new Map([...steps.values()].map(({ path, steps: own }) => [path, own.sort((a, b) => a.at - b.at)]));
}

type Add = (path: PathText, step: Step) => void;

async function eachWrite(
  database: Database,
  deviceId: number,
  options: AbortOptions,
  add: Add,
): Promise<void> {
  let after = 0;
  for (;;) {
    const rows = await database.read(
      database.query
        .selectFrom('write')
        .select(['seq', 'path', 'before', 'wanted', 'state', 'intended_at', 'settled_at'])
        .where('device_id', '=', deviceId)
        .where('resource', '=', 'configuration')
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(PAGE),
      options,
    );
    for (const { path, before, wanted, state, intended_at, settled_at } of rows) {
      const isSecret = isSecretRecord(path, wanted);
      const hide = (value: string | null): string | null =>
        isSecret && value !== null ? SHOWN_SECRET : value;
      const value = heldAfter(state, { before, wanted });
      add(path, {
        at: settled_at ?? intended_at,
        value: hide(value),
        basis: 'written',
        before: hide(before),
      });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.seq;
  }
}

function heldAfter(
  state: WriteTable['state'],
  { before, wanted }: { before: string | null; wanted: string },
): string | null {
  if (state === 'accepted' || state === 'accepted-unreadable') return wanted;
  return state === 'refused' || state === 'withdrawn' ? before : null;
}

/** What the device told of its settings, and what roomd wrote besides settings: the record of writes does not tell that in words. */
async function eachEvent(
  database: Database,
  deviceId: number,
  options: AbortOptions,
  add: Add,
): Promise<void> {
  let afterSeq = 0;
  for (;;) {
    const events = await readEvents(
      database,
      { afterSeq, limit: PAGE, deviceId, kinds: ['configuration', 'write'] },
      options,
    );
    for (const { kind, path, payload, receivedAt: at } of events) {
      if (kind === 'write') {
        const step = thingStep(payload as WrittenThing, at);
        if (path !== null && step !== null) add(path, step);
        continue;
      }
      const { leaves = {} } = payload as { leaves?: Readonly<Record<string, string>> };
      for (const [leaf, value] of Object.entries(leaves)) {
        const shown = isSecretRecord(leaf, value) ? SHOWN_SECRET : value;
        add(leaf, { at, value: shown, basis: 'heard', before: null });
      }
    }
    const last = events.at(-1);
    if (last === undefined || events.length < PAGE) return;
    afterSeq = last.seq;
  }
}

interface WrittenThing {
  readonly resource: string;
  readonly from: string | null;
  readonly to: string;
  readonly outcome: Outcome;
}

function thingStep({ resource, from, to, outcome }: WrittenThing, at: number): Step | null {
  if (!THING_KINDS.has(resource)) return null;
  const before = from ?? 'nothing';
  const isThere = outcome === 'accepted' || outcome === 'accepted-unreadable';
  const isAsBefore = outcome === 'refused' || outcome === 'held' || outcome === 'waiting';
  const value = isThere ? to : isAsBefore ? before : null;
  return { at, value, basis: 'written', before };
}

function rowOf(
  path: PathText,
  {
    before,
    present,
    steps,
    at,
    now,
  }: { before: ApprovedState; present: ApprovedState; steps: readonly Step[]; at: number; now: number },
): SettingThenAndNow {
  return {
    path,
    approvedThen: shownApproval(path, before.settings.get(path)),
    approvedNow: shownApproval(path, present.settings.get(path)),
    heldThen: knownAt(steps, at),
    heldNow: knownAt(steps, now),
  };
}

function shownApproval(path: PathText, approved: ApprovedValue | undefined): string | null {
  if (approved === undefined) return null;
  if ('prune' in approved) return approved.prune;
  if ('software' in approved) return approved.software;
  if ('digest' in approved) return shownThing(approved);
  return 'fingerprint' in approved || isSecretRecord(path, null) ? SHOWN_SECRET : approved.value;
}

/** Contents are told apart by the beginnings of their digests. */
function shownThing(approved: ApprovedThing | LegacyContent): string {
  const digest = `SHA-256 ${approved.digest.slice(0, 12)}`;
  if (!('kind' in approved)) return digest;
  if (approved.kind === 'device-macro') return `${digest}, ${approved.active ? 'active' : 'inactive'}`;
  return approved.kind === 'service-certificate' ? `${digest}, for ${approved.purposes.join(', ')}` : digest;
}

function knownAt(steps: readonly Step[], at: number): KnownValue | null {
  const last = steps.findLast((step) => step.at <= at);
  if (last !== undefined)
    return last.value === null ? null : { value: last.value, basis: last.basis, at: last.at };
  const next = steps.find((step) => step.before !== null);
  return next?.before == null ? null : { value: next.before, basis: 'seen-before-write', at: next.at };
}

function differs(
  row: SettingThenAndNow,
  then: ApprovedValue | undefined,
  now: ApprovedValue | undefined,
): boolean {
  // Two secrets look the same; their fingerprints do not.
  if (JSON.stringify(then) !== JSON.stringify(now)) return true;
  return row.heldThen?.value !== row.heldNow?.value;
}
