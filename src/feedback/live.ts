import { applyDelta } from '../xapi/delta.ts';
import type { Delta, LeafMap } from '../xapi/device.ts';
import type { PathText } from '../xapi/path.ts';
import type { EventSource } from './event.ts';
import { type PresenceWord, readPresence } from './presence.ts';
import { type Sensor, sensorAt, sensorValue } from './sensor.ts';

/** How a room is right now, as far as its device told. Null is not known. */
export interface LiveState {
  readonly presence: PresenceWord;
  readonly peopleCount: number | null;
  /** Null while the device does not tell of its calls. */
  readonly inCall: boolean | null;
  /** The device's word on its first call that is not idle (`Connected`, `Ringing`); null without one. */
  readonly callStatus: string | null;
  /** `Standby`, `EnteringStandby`, `Halfwake` or `Off`, which means awake. */
  readonly standby: string | null;
  /** The device's own word on whether the room is in use; not what occupancy decides. */
  readonly inUse: boolean | null;
  readonly sharing: boolean | null;
  readonly microphonesMuted: boolean | null;
  /** When any of this last changed, UTC milliseconds. */
  readonly since: number;
  readonly source: EventSource;
}

export type LiveListener = (deviceId: number, state: LiveState) => void;

interface Held {
  readonly leaves: Map<PathText, string>;
  /** Without it the absence of calls says nothing. */
  tellsCalls: boolean;
  state: LiveState;
}

const PRESENTATION = 'Conference.Presentation.Mode';
const MICROPHONES = 'Audio.Microphones.Mute';
const STANDBY = 'Standby.State';
const IN_USE = 'RoomAnalytics.RoomInUse';
const CALL_STATUS = /^Call\[\d+\]\.Status$/;

/** Of a call only its status is held: its other leaves name the other side. */
const WATCHED: ReadonlySet<PathText> = new Set([
  'RoomAnalytics.PeoplePresence',
  'RoomAnalytics.PeopleCount.Current',
  STANDBY,
  IN_USE,
  PRESENTATION,
  MICROPHONES,
]);

/** The root of the status tree: all is within it. */
const EVERYTHING: readonly PathText[] = [''];

/** The present state of every device, in memory, from whichever channel tells it first. */
export class Live {
  readonly #devices = new Map<number, Held>();
  readonly #listeners = new Set<LiveListener>();
  #changes = 0;

  get(deviceId: number): LiveState | null {
    return this.#devices.get(deviceId)?.state ?? null;
  }

  /** What the sensors of a device, and of what is attached to it, show; empty where nothing is known. */
  sensors(deviceId: number): readonly (Sensor & { readonly value: number })[] {
    const shown: (Sensor & { value: number })[] = [];
    for (const [path, text] of this.#devices.get(deviceId)?.leaves ?? []) {
      const sensor = sensorAt(path);
      const value = sensor === null ? null : sensorValue(text);
      if (sensor !== null && value !== null) shown.push({ ...sensor, value });
    }
    return shown;
  }

  /** Counts whatever may have changed anything that is told here. */
  get changes(): number {
    return this.#changes;
  }

  all(): ReadonlyMap<number, LiveState> {
    return new Map([...this.#devices].map(([id, { state }]) => [id, state]));
  }

  /** Calls `listen` at every change until the returned function is called. */
  onChange(listen: LiveListener): () => void {
    this.#listeners.add(listen);
    return () => {
      this.#listeners.delete(listen);
    };
  }

  /** Takes in what changed. */
  change(deviceId: number, delta: Delta, heard: { at: number; source: EventSource }): void {
    if (delta.tree !== 'Status') return;
    const leaves = watched(delta.leaves);
    const { gone } = delta;
    if (leaves.size === 0 && gone.length === 0) return;
    const held = this.#devices.get(deviceId) ?? unheard();
    applyDelta(held.leaves, { leaves, gone });
    this.#tell(deviceId, held, heard);
  }

  /** Takes in a whole reading of the given nodes: what it lacks of them is gone. */
  replace(
    deviceId: number,
    status: LeafMap,
    heard: { at: number; source: EventSource; tellsCalls: boolean; nodes?: readonly PathText[] },
  ): void {
    const held = this.#devices.get(deviceId) ?? unheard();
    held.tellsCalls = heard.tellsCalls;
    applyDelta(held.leaves, { leaves: watched(status), gone: heard.nodes ?? EVERYTHING });
    this.#tell(deviceId, held, heard);
  }

  /** Nothing is known any more. */
  lose(deviceId: number, at: number): void {
    const held = this.#devices.get(deviceId);
    if (held === undefined) return;
    held.leaves.clear();
    held.tellsCalls = false;
    this.#tell(deviceId, held, { at, source: 'roomd' });
  }

  forget(deviceId: number): void {
    this.#changes += 1;
    this.#devices.delete(deviceId);
  }

  #tell(deviceId: number, held: Held, { at, source }: { at: number; source: EventSource }): void {
    this.#changes += 1;
    this.#devices.set(deviceId, held);
    const before = held.state;
    const next = { ...summarize(held.leaves, held.tellsCalls), since: before.since, source: before.source };
    if (before !== UNHEARD && isSame(before, next)) return;
    held.state = { ...next, since: at, source };
    for (const listen of this.#listeners) listen(deviceId, held.state);
  }
}

/** What the leaves of a status amount to. */
function summarize(leaves: LeafMap, tellsCalls: boolean): Omit<LiveState, 'since' | 'source'> {
  const { state, count } = readPresence(Object.fromEntries(leaves));
  const callStatus = callStatusOf(leaves);
  const mode = leaves.get(PRESENTATION);
  const mute = leaves.get(MICROPHONES);
  const inUse = leaves.get(IN_USE);
  return {
    presence: state,
    peopleCount: count,
    inCall: callStatus !== null || (tellsCalls ? false : null),
    callStatus,
    standby: leaves.get(STANDBY) ?? null,
    inUse: inUse === undefined ? null : inUse === 'True',
    sharing: mode === undefined ? null : mode !== 'Off',
    microphonesMuted: mute === undefined ? null : mute === 'On',
  };
}

const UNHEARD: LiveState = { ...summarize(new Map(), false), since: 0, source: 'roomd' };

function unheard(): Held {
  return { leaves: new Map(), tellsCalls: false, state: UNHEARD };
}

function callStatusOf(leaves: LeafMap): string | null {
  for (const [path, value] of leaves) if (CALL_STATUS.test(path) && value !== 'Idle') return value;
  return null;
}

function watched(leaves: LeafMap): Map<PathText, string> {
  const kept = new Map<PathText, string>();
  for (const [path, value] of leaves) {
    if (WATCHED.has(path) || CALL_STATUS.test(path) || sensorAt(path) !== null) kept.set(path, value);
  }
  return kept;
}

function isSame(one: LiveState, other: LiveState): boolean {
  return (Object.keys(one) as (keyof LiveState)[]).every((key) => one[key] === other[key]);
}
