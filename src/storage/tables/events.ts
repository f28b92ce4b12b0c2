import type { Generated } from 'kysely';

/** What happened, append-only, in the order of `seq`. */
export interface EventTable {
  seq: Generated<number>;
  device_id: number | null;
  /** `status`, `event`, `configuration`, `snapshot`, `gap`, `session`, `slot`, `write`, `run`, `hold`, …; the union is `EventKind` in feedback. */
  kind: string;
  /** Canonical path where there is one. */
  path: string | null;
  payload_json: string;
  /** `webhook`, `session`, `sweep`, `roomd`. */
  source: string;
  received_at: number;
  /** The device's own clock where it told it. */
  device_at: number | null;
}

/** How far the projector has come, and what it has still to do; written in the same transaction as what it derives. */
export interface ProjectorTable {
  name: string;
  seq: number;
  state_json: string | null;
}

/** What a projection knows of one device after the events up to the projector's cursor. */
export interface ProjectionTable {
  /** `presence`, `calls`, `bookings`, `sensors`, `spans`. */
  name: string;
  device_id: number;
  state_json: string;
  /** Events up to this one are deleted or no longer counted: a rebuild begins after it, from `base_json` (null: from nothing). */
  base_seq: number;
  base_json: string | null;
}
