import type { LiveState } from '../feedback/live.ts';
import type { OpenBooking } from '../feedback/room-records.ts';
import type { Sensor, SensorName } from '../feedback/sensor.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import type { Occupancy } from '../fleet/occupancy.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { MacroRunTable } from '../storage/tables/macros.ts';
import type { Device, SessionState, Setting } from '../xapi/device.ts';
import type { Turn } from './turn.ts';

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
  readonly meetings: MeetingPorts;
  readonly finesse: FinessePorts;
  /**
   * Asks the people of a notifier, by the bot, and waits for the first who may decide.
   * When the signal aborts the question is withdrawn, and its reason is told there.
   */
  ask(notifier: string, question: SpaceQuestion, options: AbortOptions): Promise<SpaceAnswer>;
  readonly spaces: SpacePorts;
}

/** Webex Meetings, where the file names them. */
export interface MeetingPorts {
  /**
   * Makes a meeting that begins at once.
   * @throws RoomdError in whose sentence the reason stands; nothing is left of a meeting then, as far as the service lets itself be asked
   */
  schedule(order: MeetingOrder, options: AbortOptions): Promise<MadeMeeting>;
}

export interface MeetingOrder {
  /** At most 128 characters. */
  readonly title: string;
  /** 10 minutes to 23 hours and 59. */
  readonly minutes: number;
  /** The IANA zone in which invitations show its time. */
  readonly timezone: string;
  readonly invitees: readonly { readonly email: string; readonly displayName: null }[];
  /** Whether the service writes to the invitees. */
  readonly sendEmail: boolean;
}

export interface MadeMeeting {
  readonly meetingId: string;
  /** What rooms dial. */
  readonly sipAddress: string;
  /** Deletes it, within a deadline of its own; harmless when it is gone. @throws RoomdError */
  undo(): Promise<void>;
}

/** Cisco Finesse, where the file names it. */
export interface FinessePorts {
  /**
   * Of the team's agents, the one who has been ready the longest, or a sentence that says why there is nobody.
   * @throws RoomdError, `retryable` where it may pass by itself
   */
  teamReady(
    team: string,
    options: AbortOptions,
  ): Promise<
    | { readonly agent: { readonly name: string; readonly extension: string } }
    | { readonly agent: null; readonly why: string }
  >;
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
  readonly settings: Lender;
  /**
   * Runs another macro within a run, on the device that the step acts on, and waits for its end. It takes no
   * second turn on a device; when the signal aborts, it is ended first.
   * @throws MacroError
   */
  runMacro(request: InnerRun): Promise<InnerEnd>;
}

/** How it ended; the reason is a sentence, null where it simply went well. */
export interface InnerEnd {
  readonly id: string;
  readonly state: MacroRunTable['state'];
  readonly reason: string | null;
}

export interface InnerRun {
  readonly macro: string;
  /** Null for one that is for the fleet as a whole. */
  readonly device: string | null;
  /** The run that it is a part of, and what that holds. */
  readonly runId: string;
  readonly turn: Turn;
  readonly signal: AbortSignal;
}

/** Changes settings for a time. */
export interface Lender {
  /**
   * Sets them, seen in what the device reads back; resolves with those that it changed and those that were so.
   * @throws StepError; XapiError; what was changed is put back then
   */
  lend(request: LendRequest): Promise<{ set: Setting[]; already: Setting[] }>;
  /** Puts back what a run holds until it ends. */
  endOfRun(runId: string): Promise<void>;
}

export interface LendRequest {
  readonly runId: string;
  readonly macro: string;
  readonly device: Device;
  readonly settings: readonly Setting[];
  /** UTC milliseconds; null: until the run ends. */
  readonly untilAt: number | null;
  readonly signal: AbortSignal;
  readonly assertMayAct: () => void;
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
  /** How many of its series right before it were surely empty, in a row: see `strikesOf`. */
  readonly strikes: number | null;
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
export function bookingFacts(
  bookings: readonly OpenBooking[],
  { now, strikes }: { now: number; strikes: number | null },
): BookingFacts {
  const running = bookings.find(({ isRunning }) => isRunning);
  const next = bookings.find(({ startAt }) => startAt > now);
  const endAt = running?.endAt ?? null;
  return {
    running: running !== undefined,
    id: running?.id ?? '',
    minutesSinceStart: running === undefined ? null : minutes(now - running.startAt),
    minutesLeft: endAt === null ? null : minutes(endAt - now),
    minutesUntilNext: next === undefined ? null : minutes(next.startAt - now),
    strikes,
  };
}

function minutes(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}

interface SeenDevice {
  readonly name: string;
  /** Null where no session is kept. */
  readonly session: SessionState | null;
  readonly state: MacroState;
}

const MOST_NAMES = 20;

/** The fleet in figures, of what is seen of each device. */
export function fleetFacts(devices: readonly SeenDevice[], openAlerts: number): FleetFacts {
  const lost = devices.filter(({ session }) => session !== 'up' && session !== 'up-https');
  const names = lost.slice(0, MOST_NAMES).map(({ name }) => name);
  const more = lost.length > MOST_NAMES ? ` and ${lost.length - MOST_NAMES} more` : '';
  return {
    devices: devices.length,
    up: devices.length - lost.length,
    unreachable: lost.length,
    unreachableNames: names.join(', ') + more,
    inCall: devices.filter(({ state }) => state.inCall === true).length,
    occupied: devices.filter(({ state }) => state.presence === 'yes').length,
    openAlerts,
  };
}
