/** A revision on its way over the fleet; the states are those of `fleet/rollout/rollout`. */
export interface RolloutTable {
  id: string;
  actor: string;
  state: string;
  /** 0 or 1. */
  paused: number;
  reason: string | null;
  fingerprint: string;
  strategy_json: string;
  /** The names of the rings, in order. */
  rings_json: string;
  /** The ring under way; -1 before the first. */
  ring: number;
  revision_before: string | null;
  revision: string | null;
  confirmed_by: string | null;
  confirm_by: number | null;
  started_at: number;
  ended_at: number | null;
  /** As of a revision. */
  git_commit: string | null;
  /** 0 or 1. */
  git_dirty: number | null;
}

export interface RolloutDeviceTable {
  rollout_id: string;
  device_id: number;
  name: string;
  ring: number;
  state: string;
  reason: string | null;
  /** 0 or 1. */
  touched: number;
  /** 0 or 1. */
  cuts_off: number;
  /** What was approved for it before; null: nothing. */
  before_json: string | null;
  /** What is approved for it when its ring begins. */
  after_json: string;
  known_errors_json: string;
  written_at: number | null;
  strikes: number;
  next_at: number;
}

/** A passphrase on its way over the devices; the states are those of `fleet/rotation/rotation`. */
export interface RotationTable {
  id: string;
  actor: string;
  credential: string;
  /** Keyed fingerprint of the new secret. */
  next_fingerprint: string;
  state: string;
  /** 0 or 1. */
  paused: number;
  reason: string | null;
  strategy_json: string;
  /** The names of the rings, in order. */
  rings_json: string;
  /** The ring under way; -1 before the first. */
  ring: number;
  started_at: number;
  ended_at: number | null;
}

export interface RotationDeviceTable {
  rotation_id: string;
  device_id: number;
  name: string;
  ring: number;
  state: string;
  reason: string | null;
  /** 0 or 1. */
  doubtful: number;
  accepted_at: number | null;
  next_at: number;
}

/** Software on its way over the fleet; the states are those of `fleet/upgrade/upgrade`. */
export interface UpgradeTable {
  id: string;
  actor: string;
  state: string;
  /** 0 or 1. */
  paused: number;
  reason: string | null;
  strategy_json: string;
  /** The names of the rings, in order. */
  rings_json: string;
  /** The ring under way; -1 before the first. */
  ring: number;
  started_at: number;
  ended_at: number | null;
}

export interface UpgradeDeviceTable {
  upgrade_id: string;
  device_id: number;
  name: string;
  ring: number;
  state: string;
  reason: string | null;
  from_version: string | null;
  to_version: string;
  url: string | null;
  /** On record before the device hears of it, with what it told then. */
  order_json: string | null;
  /** Settings that differed from the file before. */
  differed_before: number | null;
  /** Paths that differ since. */
  differing_json: string | null;
  known_errors_json: string;
  proven_at: number | null;
  strikes: number;
  next_at: number;
}
