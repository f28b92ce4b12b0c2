import type { Generated } from 'kysely';

/** An approved state of the fleet; the highest `seq` is in force. */
export interface RevisionTable {
  seq: Generated<number>;
  id: string;
  /** SHA-256 of the expanded fleet. */
  fingerprint: string;
  approved_at: number;
  approved_by: string;
  /** Device id → canonical path → value, as approved; secrets as keyed fingerprints, content by digest. */
  desired_json: string;
  /** Of the git repository that the fleet file lay in; null where there was none. */
  git_commit: string | null;
  /** 0 or 1: whether the files had changes that no commit holds. */
  git_dirty: number | null;
}

/** A device on which an apply that a person asked for is still to be finished. */
export interface UnfinishedApplyTable {
  device_id: number;
  actor: string;
  since_at: number;
}

/**
 * One setting written to one device, in the order of `seq`: intent is committed
 * before the device hears of it, the outcome after. `withdrawn`: something
 * forbade it in between and the device never heard of it.
 */
export interface WriteTable {
  seq: Generated<number>;
  id: string;
  device_id: number;
  revision_id: string | null;
  actor: string;
  /** Resource kind: `configuration`, `feedback-slot`. */
  resource: string;
  path: string;
  before: string | null;
  wanted: string;
  state: 'intended' | 'withdrawn' | 'accepted' | 'refused' | 'differs' | 'accepted-unreadable' | 'unknown';
  detail: string | null;
  intended_at: number;
  settled_at: number | null;
  /** What stood there, kept so that a rollout can put it back; null for settings, and for writes of anybody else. */
  replaced_json: string | null;
}

/** A stop to every write and macro; `selector` null means the whole fleet. */
export interface HoldTable {
  id: string;
  selector: string | null;
  reason: string;
  actor: string;
  since_at: number;
  released_at: number | null;
}

/** A setting that is fought over now; how fights began and ended are events. */
export interface FightTable {
  device_id: number;
  path: string;
  ours: string;
  theirs: string;
  since_at: number;
  opened_at: number;
  flips_json: string;
}

/** What roomd put onto a device besides settings, so that it takes away only its own. */
export interface ManagedTable {
  device_id: number;
  /** Resource kind: `ui-panel`, `device-macro`, `branding`, `certificate`. */
  kind: string;
  /** The device's own name of the thing: a panel's id, a macro's name, a picture's type, a fingerprint. */
  key: string;
  /** Of what the device took last; empty while a put is under way or its outcome is unknown. */
  digest: string;
  /** Null until a put succeeded. */
  put_at: number | null;
}

/** Content by the SHA-256 (hex) of its bytes, written once; deleted when no record names it. */
export interface ContentBlobTable {
  digest: string;
  bytes: Uint8Array;
  /** When it was last put. */
  put_at: number;
}
