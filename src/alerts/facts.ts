import type { LiveState } from '../feedback/live.ts';
import type { Fight } from '../fleet/fight.ts';
import type { WebexCredential } from '../fleet/systems/systems-section.ts';
import type { SessionState } from '../xapi/device.ts';

/** Everything that rules look at, as it is at one moment. Times are UTC milliseconds; null is not known. */
export interface FleetFacts {
  readonly now: number;
  readonly devices: readonly DeviceFacts[];
  /** Why the database cannot be relied on, in a sentence; null while it can. */
  readonly database: string | null;
  /** That Webex does not take the login of the file; null where it does, or is not used. */
  readonly webex: { readonly credential: WebexCredential['kind']; readonly reason: string } | null;
  /** roomd's own certificates. */
  readonly certificates: readonly CertificateFacts[];
}

export interface DeviceFacts {
  /** roomd's own immutable id. */
  readonly id: number;
  readonly name: string;
  readonly timezone: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly kind: 'board' | 'room' | 'desk' | null;
  /** Name of the entry under `credentials:` that roomd logs in with. */
  readonly credential: string;
  /** The last state in which its session came to rest; attempts to connect do not count. Null before the first since roomd started. */
  readonly session: { readonly state: SessionState; readonly reason: string | null } | null;
  readonly slot: {
    readonly state: 'ok' | 'failed' | 'none' | 'off';
    /** Of the one that is ours; null where none is. */
    readonly number: number | null;
    readonly reason: string | null;
  };
  /** How the room is; `since` is when anything of it last moved. */
  readonly room: LiveState | null;
  /** Since when nothing of the room moved, by the record and over sessions that came and went; null where it was not asked since it last moved. */
  readonly stillSince: number | null;
  /** The file turns the presence detector on, and the device has it so. */
  readonly detects: boolean;
  /** What the device's own Diagnostics complain of. */
  readonly diagnostics: readonly DiagnosticsMessage[] | null;
  readonly peripherals: readonly Peripheral[] | null;
  /** Settings that roomd put right and that somebody changed back, again and again. */
  readonly fights: readonly Fight[];
  /** Calls that ended, oldest first. */
  readonly calls: readonly EndedCall[];
  /** By macro, how its latest runs on this device went. */
  readonly runs: readonly MacroOutcome[];
  readonly certificates: readonly CertificateFacts[] | null;
  /** How far the device's clock is ahead of roomd's; negative where it is behind. */
  readonly clockAheadMs: number | null;
  /** The reason of a maintenance that holds for it now. */
  readonly maintenance: string | null;
  /** The file says that it may be off at this hour. */
  readonly expectedOff: boolean;
}

export interface DiagnosticsMessage {
  readonly type: string;
  /** `Critical`, `Error`, `Warning`, `Info`. */
  readonly level: string;
  readonly text: string;
}

export interface Peripheral {
  /** The number by which the device lists it. */
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** `Connected`, `ResponseTimedOut`, `Unpairing`, `LostConnection`; the last one of those that are gone. */
  readonly status: string;
  /** When it vanished from the device's list, or was last seen there; null while it is listed. */
  readonly goneAt: number | null;
}

export interface EndedCall {
  readonly at: number;
  /** It ended because something did not work, not because somebody hung up, was busy or did not answer. */
  readonly failed: boolean;
  /** The device's word for it. */
  readonly cause: string;
}

export interface MacroOutcome {
  readonly macro: string;
  /** Runs that failed since the last one that succeeded. */
  readonly failures: number;
  readonly reason: string | null;
  readonly at: number;
}

export interface CertificateFacts {
  /** The beginning of a sentence: `the certificate CN=board-1 (HTTPS)`. */
  readonly what: string;
  readonly expiresAt: number;
}
