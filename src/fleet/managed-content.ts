import { createHash } from 'node:crypto';
import { Secret } from '../lib/secret.ts';
import type { Device, DeviceIdentity, LeafMap, SettingAnswer } from '../xapi/device.ts';
import { XapiError, type XapiErrorCode } from '../xapi/errors.ts';
import type { Change, HeldThing } from './change.ts';
import type { DesiredContent } from './fleet.ts';
import type { ManagedStore, ManagedThing, ManagedThings } from './managed-store.ts';
import type { ResourceDiff, ResourceProblem } from './resource.ts';

/** One thing to be put onto a device or taken off. */
export interface Errand {
  readonly action: 'put' | 'take';
  /** The device's own name of the thing. */
  readonly key: string;
  /** Of what is put; empty where something is taken off. */
  readonly digest: string;
  /** What is put was another's: it is not roomd's afterwards. */
  readonly givesBack?: boolean;
}

/**
 * What travels in `Change.wanted`: an errand whose content is held by
 * reference, because one picture may go to a thousand devices. Only its digest
 * counts for the fingerprint on record, and nothing of it prints.
 */
export class Order<Of extends Errand> extends Secret {
  readonly #errand: Of;

  constructor(kind: string, errand: Of) {
    super(`${kind} ${errand.action} ${errand.key} ${errand.digest}`);
    this.#errand = errand;
  }

  get errand(): Of {
    return this.#errand;
  }
}

/** The change that carries an order; people in the room could notice it. */
export function orderChange<Of extends Errand>(
  kind: string,
  { order, ...shown }: { order: Order<Of> } & Pick<Change, 'path' | 'from' | 'to' | 'replaces'>,
): Change {
  return { kind, ...shown, wanted: order, unreadable: false, noticeable: true };
}

/** A change with what it takes the place of. */
function withReplaced(
  change: Change,
  key: string,
  { thing, held }: { thing: ManagedThing | undefined; held: HeldThing | null },
): Change {
  return { ...change, replaces: { key, isOurs: thing?.isOurs === true, held } };
}

/** What could not be looked at on a device, in a sentence. */
export interface Unseen {
  readonly unseen: string;
}

export function isUnseen(looked: unknown): looked is Unseen {
  return typeof looked === 'object' && looked !== null && 'unseen' in looked;
}

/** Runs a reading command; that the device refuses it is an answer, that it is out of reach is not. */
export async function lookAt<Seen>(
  what: string,
  { product, software }: DeviceIdentity,
  read: () => Promise<Seen>,
): Promise<Seen | Unseen> {
  try {
    return await read();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.code === 'unknown-path' || error.code === 'bad-value')
      return { unseen: `this ${product} with software ${software} cannot keep ${what} (${error.message})` };
    if (error.code === 'permission')
      return { unseen: `roomd's account on the device may not look at its ${what}; it needs the role Admin` };
    return { unseen: `the device does not show its ${what}: ${error.message}` };
  }
}

/** One problem for each thing that the file wants and that could not be looked at. */
export function unseenDiff(paths: readonly string[], { unseen }: Unseen): ResourceDiff {
  const problems = paths.map((path): ResourceProblem => ({ path, message: unseen }));
  return { ...NOTHING, problems };
}

export const NOTHING: ResourceDiff = { changes: [], untouched: 0, problems: [], hints: [] };

/** How one kind compares what the file wants with what a device holds; both by the device's own names. */
export interface Comparison<Desired, Held> {
  readonly desired: ReadonlyMap<string, Desired>;
  readonly held: ReadonlyMap<string, Held>;
  readonly things: ManagedThings;
  readonly prune: DesiredContent['prune'];
  readonly isSame: (desired: Desired, held: Held, thing: ManagedThing | undefined) => boolean;
  /** Whether what is on record is what the file wants: otherwise the last put was cut off, or the file changed. */
  readonly isRecorded: (thing: ManagedThing, desired: Desired) => boolean;
  /** For people: size and a short digest. */
  readonly describe: (held: Held) => string;
  /** What is needed to put it back. */
  readonly keep: (held: Held) => HeldThing;
  readonly put: (desired: Desired, held: Held | null, from: string | null) => Change;
  readonly take: (key: string, held: Held, from: string) => Change;
}

/** Puts what is missing or differs; takes off what the file does not name, if roomd put it there or the file says `prune: all`. */
export function diffThings<Desired, Held>(
  comparison: Comparison<Desired, Held>,
): Pick<ResourceDiff, 'changes' | 'untouched'> {
  const { desired, held, things, prune, isSame, isRecorded, describe, keep, put, take } = comparison;
  const from = (key: string, present: Held): string =>
    things.get(key)?.isOurs === true ? describe(present) : `foreign: ${describe(present)}`;
  const changes: Change[] = [];
  let untouched = 0;
  for (const [key, wanted] of desired) {
    const present = held.get(key) ?? null;
    const thing = things.get(key);
    const isSettled = thing === undefined || isRecorded(thing, wanted);
    if (present !== null && isSettled && isSame(wanted, present, thing)) untouched += 1;
    else {
      const change = put(wanted, present, present === null ? null : from(key, present));
      changes.push(withReplaced(change, key, { thing, held: present === null ? null : keep(present) }));
    }
  }
  for (const [key, present] of held) {
    if (desired.has(key) || prune === 'none') continue;
    if (prune === 'own' && things.get(key)?.isOurs !== true) continue;
    const change = take(key, present, from(key, present));
    changes.push(withReplaced(change, key, { thing: things.get(key), held: keep(present) }));
  }
  return { changes, untouched };
}

/** Keys on record that neither the device holds nor the file names. */
export function goneKeys(
  things: ManagedThings,
  held: ReadonlyMap<string, unknown>,
  desired: ReadonlyMap<string, unknown>,
): string[] {
  return [...things.keys()].filter((key) => !held.has(key) && !desired.has(key));
}

/** How a kind carries out one errand; may tell another digest to keep on record. */
export type Act<Of> = (errand: Of) => Promise<string | null>;

/** Runs once after all errands that the device took; a sentence says why they are not in effect yet. */
export type Finish<Of> = (taken: readonly Of[]) => Promise<string | null>;

/**
 * Carries out errands one after another; answers in order. A refusal is the
 * device's word on that one; that it cannot be reached is everyone's affair.
 * A put that needs finishing is on record as done only once it is in effect.
 */
export async function runErrands<Of extends Errand>(
  device: Device,
  errands: readonly { readonly path: string; readonly errand: Of }[],
  { managed, kind }: { managed: ManagedStore; kind: string },
  { act, finish = null }: { act: Act<Of>; finish?: Finish<Of> | null },
): Promise<SettingAnswer[]> {
  const answers: SettingAnswer[] = [];
  const open: { at: number; path: string; errand: Of; digest: string }[] = [];
  const settle = async ({ action, key, givesBack = false }: Of, digest: string): Promise<void> =>
    action === 'put' && !givesBack
      ? managed.done({ deviceId: device.address.id, kind, key }, digest)
      : managed.gone(device.address.id, kind, [key]);
  for (const [at, { path, errand }] of errands.entries()) {
    const thing = { deviceId: device.address.id, kind, key: errand.key };
    if (errand.action === 'put') await managed.begin(thing);
    const word = await wordOf(() => act(errand));
    if ('refused' in word) {
      answers.push({ path, outcome: 'refused', reason: word.refused });
      if (errand.action === 'put') await managed.refused(thing);
      continue;
    }
    answers.push({ path, outcome: 'accepted' });
    const digest = word.digest ?? errand.digest;
    if (finish === null) await settle(errand, digest);
    else open.push({ at, path, errand, digest });
  }
  const why = open.length === 0 ? null : ((await finish?.(open.map(({ errand }) => errand))) ?? null);
  for (const { at, path, errand, digest } of open) {
    if (why === null) await settle(errand, digest);
    else answers[at] = { path, outcome: 'refused', reason: why };
  }
  return answers;
}

async function wordOf(
  work: () => Promise<string | null>,
): Promise<{ readonly digest: string | null } | { readonly refused: string }> {
  try {
    return { digest: await work() };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { refused: error.message };
  }
}

/** Whether the device said no, as against not answering. */
export function isRefusal(error: unknown): error is XapiError {
  return error instanceof XapiError && REFUSALS.has(error.code);
}

const REFUSALS: ReadonlySet<XapiErrorCode> = new Set([
  'unknown-path',
  'bad-value',
  'permission',
  'command-failed',
  'rejected',
]);

/** The members of a list in a command's result, whatever the list is called: each node that has a leaf of that name. */
export function membersOf(result: LeafMap, leaf: string): ReadonlyMap<string, string>[] {
  const nodes = new Map<string, Map<string, string>>();
  for (const [path, value] of result) {
    const end = path.lastIndexOf('.');
    const node = nodes.get(path.slice(0, Math.max(0, end))) ?? new Map<string, string>();
    nodes.set(path.slice(0, Math.max(0, end)), node.set(path.slice(end + 1), value));
  }
  return [...nodes.values()].filter((node) => node.has(leaf));
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** `1,204 bytes, SHA-256 ab12cd34ef56`: tells two contents apart and shows nothing of either. */
export function sizeAndDigest(bytes: number, digest: string): string {
  return `${bytes} bytes, SHA-256 ${digest.slice(0, 12)}`;
}
