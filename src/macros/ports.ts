import type { LiveState } from '../feedback/live.ts';
import type { OpenBooking } from '../feedback/room-records.ts';
import type { Sensor, SensorName } from '../feedback/sensor.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import type { Occupancy } from '../fleet/occupancy.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Device } from '../xapi/device.ts';

/** What macros need of the rest of roomd; bound in `daemon`. */
export interface MacroPorts {
  /** Null where no session is kept to a device of that name. */
  device(name: string): Device | null;
  /** What feedback knows of the room just now. */
  state(name: string): MacroState;
  mode(): 'observe' | 'enforce';
  /** Whether a machine may act on the device now: no hold, not protected. Null asks for the fleet as a whole. */
  mayAct(device: DesiredDevice | null): Permission;
  /** Puts a message into the outbox; resolves with its id once it is committed, long before it is delivered. */
  enqueue(notifier: string, message: { readonly markdown: string }): Promise<string>;
  /** Read live from the device. */
  occupancy(name: string, signal: AbortSignal): Promise<Occupancy>;
  /** What is on record of the room's bookings and size. */
  records(name: string, signal: AbortSignal): Promise<RoomRecords>;
  /** The fleet in figures. */
  fleet(signal: AbortSignal): Promise<FleetFacts>;
  /**
   * Asks the people of a notifier, by the bot, and waits for the first who may decide.
   * When the signal aborts the question is withdrawn, and its reason is told there.
   */
  ask(notifier: string, question: SpaceQuestion, options: AbortOptions): Promise<SpaceAnswer>;
  readonly spaces: SpacePorts;
}

export interface SpaceQuestion {
  readonly text: string;
  readonly options: readonly string[];
  readonly withinMs: number;
}

export interface SpaceAnswer {
  readonly answered: boolean;
  /** Counted from 1; 0 where nobody answered. */
  readonly choice: number;
  /** Whose choice it was, by address; empty where nobody answered. */
  readonly by: string;
}

/** Spaces of the messaging service, by their ids there. */
export interface SpacePorts {
  create(title: string, options: AbortOptions): Promise<string>;
  invite(roomId: string, email: string, options: AbortOptions): Promise<void>;
  /** @returns the message's id */
  post(roomId: string, message: SpaceMessage, options: AbortOptions): Promise<string>;
  /** Its title says so from then on. */
  archive(roomId: string, options: AbortOptions): Promise<void>;
  /** With everything in it; only one that roomd made. */
  remove(roomId: string, options: AbortOptions): Promise<void>;
}

/** Of a card, the markdown is what clients without cards show. */
export interface SpaceMessage {
  readonly markdown: string | null;
  readonly card: object | null;
  readonly file: { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array } | null;
  /** What its buttons are about; null for none. */
  readonly deviceId: number | null;
}

/** What steps may ask and do besides, which the engine of macros adds. */
export interface StepPorts extends MacroPorts {
  /** Into roomd's own log. */
  log(line: LogLine): void;
}

export interface LogLine {
  readonly run: string;
  readonly macro: string;
  /** Null in a run for the fleet as a whole. */
  readonly device: string | null;
  readonly text: string;
}

export interface RoomRecords {
  /** Null where nobody knows: the device does not tell its bookings, or was not heard. */
  readonly booking: BookingFacts | null;
  /** How many people the room is for: the tag `capacity`, else what the device says. */
  readonly capacity: number | null;
}

/** Minutes are whole ones, rounded down; null where there is no such booking. */
export interface BookingFacts {
  readonly running: boolean;
  /** Of the one that runs; empty without one. */
  readonly id: string;
  readonly minutesSinceStart: number | null;
  readonly minutesLeft: number | null;
  readonly minutesUntilNext: number | null;
}

/** Counts of devices, and of alerts that are not resolved. */
export interface FleetFacts {
  readonly devices: number;
  readonly up: number;
  readonly unreachable: number;
  readonly inCall: number;
  readonly occupied: number;
  readonly openAlerts: number;
  /** At most 20 of them, with commas between. */
  readonly unreachableNames: string;
}

type Permission = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** A room's state as conditions see it; null and `unknown` where nobody knows. */
export interface MacroState {
  readonly presence: 'yes' | 'no' | 'unknown';
  readonly peopleCount: number | null;
  readonly inCall: boolean | null;
  /** One of `CALL_WORDS`, the word of the first call. */
  readonly callStatus: string;
  /** One of `STANDBY_WORDS`; `off` is awake, as the device has it. */
  readonly standby: string;
  readonly sharing: boolean | null;
  /** By `SENSOR_NAMES`: °C, %, an index, dBA. Of the device itself, else of what is attached; left out where nothing is shown. */
  readonly sensors: Readonly<Record<string, number>>;
}

/** xStatus Call Status in lower case, and `none` for no call. */
export const CALL_WORDS = [
  'none',
  'connected',
  'connecting',
  'dialling',
  'disconnecting',
  'earlymedia',
  'idle',
  'onhold',
  'preserved',
  'remotepreserved',
  'ringing',
  'unknown',
] as const;

/** xStatus Standby State in lower case. */
export const STANDBY_WORDS = ['off', 'halfwake', 'enteringstandby', 'standby', 'unknown'] as const;

const SENSOR_NAMES: Readonly<Record<SensorName, string>> = {
  temperature: 'temperature',
  humidity: 'humidity',
  'air-quality': 'airQuality',
  'ambient-noise': 'ambientNoise',
  'sound-level': 'soundLevel',
};

/** The live state of a device in the words of conditions; null is a device that nothing was heard of. */
export function macroStateOf(
  live: LiveState | null,
  sensors: readonly (Sensor & { readonly value: number })[] = [],
): MacroState {
  const isHeard = live !== null && live.inCall !== null;
  return {
    presence: live?.presence ?? 'unknown',
    peopleCount: live?.peopleCount ?? null,
    inCall: live?.inCall ?? null,
    callStatus: isHeard ? (live.callStatus?.toLowerCase() ?? 'none') : 'unknown',
    standby: live?.standby?.toLowerCase() ?? 'unknown',
    sharing: live?.sharing ?? null,
    sensors: shownBy(sensors),
  };
}

function shownBy(sensors: readonly (Sensor & { readonly value: number })[]): Record<string, number> {
  const shown: Record<string, number> = {};
  for (const { sensor, source, value } of sensors)
    if (source === 'device' || shown[SENSOR_NAMES[sensor]] === undefined) shown[SENSOR_NAMES[sensor]] = value;
  return shown;
}

const MINUTE_MS = 60_000;

/** The bookings of a room, soonest first, as conditions see them. */
export function bookingFacts(bookings: readonly OpenBooking[], now: number): BookingFacts {
  const running = bookings.find(({ isRunning }) => isRunning);
  const next = bookings.find(({ startAt }) => startAt > now);
  const endAt = running?.endAt ?? null;
  return {
    running: running !== undefined,
    id: running?.id ?? '',
    minutesSinceStart: running === undefined ? null : minutes(now - running.startAt),
    minutesLeft: endAt === null ? null : minutes(endAt - now),
    minutesUntilNext: next === undefined ? null : minutes(next.startAt - now),
  };
}

function minutes(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}
