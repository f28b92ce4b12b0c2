import type { ColumnType, Generated } from 'kysely';

/**
 * Every table and its columns. Times are integer UTC milliseconds; ids of
 * runs, revisions, writes and messages are UUIDv7 texts; columns that end in
 * `_json` hold JSON text. A slice owns the queries on its tables.
 */
export interface Tables {
  device: DeviceTable;
  login_gate: LoginGateTable;
  web_session: WebSessionTable;
  event: EventTable;
  projector: ProjectorTable;
  presence: PresenceTable;
  revision: RevisionTable;
  unfinished_apply: UnfinishedApplyTable;
  write: WriteTable;
  hold: HoldTable;
  slot_token: SlotTokenTable;
  macro_run: MacroRunTable;
  macro_step: MacroStepTable;
  outbox: OutboxTable;
  fact: FactTable;
  managed: ManagedTable;
  rollout: RolloutTable;
  rollout_device: RolloutDeviceTable;
  product_schema: ProductSchemaTable;
  alert: AlertTable;
  alert_change: AlertChangeTable;
  maintenance: MaintenanceTable;
  conversation: ConversationTable;
}

/** One row per device ever named in the file; `id` never changes, `name` follows the file. */
export interface DeviceTable {
  id: Generated<number>;
  name: string;
  host: string;
  /** Bound on first contact; null before. */
  serial: string | null;
  /** SHA-256 of the certificate met on first contact under `tls: pin`. */
  fingerprint256: string | null;
  product: string | null;
  software: string | null;
  first_seen_at: number | null;
  last_seen_at: number | null;
  /** Null while the file names it. */
  removed_at: number | null;
  created_at: ColumnType<number, number, never>;
}

/** What is known of a secret, at one device or in the whole fleet; the key names both and holds only a keyed fingerprint of the secret. */
export interface LoginGateTable {
  key: string;
  state: 'open' | 'trying' | 'accepted' | 'refused';
  attempts: number;
  reason: string | null;
  at: number;
}

/** xmlapi sessions that roomd opened and has not ended. */
export interface WebSessionTable {
  cookie: string;
  device_id: number;
  opened_at: number;
}

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

/** How far a projector has come; written in the same transaction as what it derives. */
export interface ProjectorTable {
  name: string;
  seq: number;
  state_json: string | null;
}

/** Half-open intervals [from_at, to_at); `to_at` null while open. At most one open per device. */
export interface PresenceTable {
  id: Generated<number>;
  device_id: number;
  state: 'yes' | 'no' | 'unknown';
  /** The greatest people count seen; null when none was ever counted. */
  max_count: number | null;
  last_count: number | null;
  source: string;
  from_at: number;
  to_at: number | null;
}

/** An approved state of the fleet; the highest `seq` is in force. */
export interface RevisionTable {
  seq: Generated<number>;
  id: string;
  /** SHA-256 of the expanded fleet. */
  fingerprint: string;
  approved_at: number;
  approved_by: string;
  /** Device id → canonical path → value, as approved; secrets as keyed fingerprints. */
  desired_json: string;
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

/** The secret part of a device's webhook URL. */
export interface SlotTokenTable {
  device_id: number;
  token: string;
  created_at: number;
}

/** `(macro, device_id, due_at)` is unique, which makes a run happen at most once per trigger. */
export interface MacroRunTable {
  id: string;
  macro: string;
  device_id: number;
  trigger: string;
  due_at: number;
  started_at: number | null;
  ended_at: number | null;
  state: 'running' | 'succeeded' | 'failed' | 'skipped' | 'would-run' | 'cancelled' | 'interrupted';
  reason: string | null;
}

export interface MacroStepTable {
  run_id: string;
  position: number;
  step: string;
  started_at: number;
  ended_at: number | null;
  state: 'running' | 'succeeded' | 'failed' | 'skipped';
  /** What came of it, or why not, in a sentence. */
  result: string | null;
}

/** Messages to people that are not yet delivered, and for a while those that are. */
export interface OutboxTable {
  id: string;
  notifier: string;
  message_json: string;
  state: 'waiting' | 'delivered' | 'failed';
  attempts: number;
  created_at: number;
  next_attempt_at: number;
  delivered_at: number | null;
  /** The service's own id of the delivered message. */
  receipt: string | null;
  last_error: string | null;
  /** The messages of one conversation are shown together; null for one that stands alone. */
  conversation: string | null;
}

/** Single facts of roomd's own: the key that fingerprints secrets, the last good fleet. */
export interface FactTable {
  name: string;
  value: string;
}

/** What one product accepts on one software version, by who said it. */
export interface ProductSchemaTable {
  /** `device`: read from a device of that kind; `vendor`: from a schema file that somebody imported. */
  source: 'device' | 'vendor';
  /** The device's own ProductId text, or the vendor's code name. */
  product: string;
  software: string;
  /** The device or the file that it came from. */
  origin: string;
  /** How many settings it holds. */
  settings: number;
  /** SHA-256 (hex) of `content`: variants of a product that accept the same have the same. */
  digest: string;
  /** As `packSettings` in schema makes it. */
  content: Uint8Array;
  at: number;
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

/** Something that a person should look at. Of one rule and key at most one row is not resolved. */
export interface AlertTable {
  id: string;
  rule: string;
  /** What it is about, within the rule. */
  key: string;
  /** Null where it is about no single device. */
  device_id: number | null;
  /** The same in words: a device's name, `site oslo`, `roomd`. */
  about: string;
  /** Names of the devices concerned. */
  devices_json: string;
  severity: 'info' | 'warning' | 'critical';
  state: 'open' | 'acknowledged' | 'resolved';
  title: string;
  detail: string;
  remedy: string;
  /** The title once it is over. */
  cleared: string;
  opened_at: number;
  /** When people were told; null while it is silenced and nobody was. */
  told_at: number | null;
  /** The notifiers that were told, who hear of its end, too. */
  told_to_json: string;
  /** Why nobody is told now. */
  silenced: string | null;
  acknowledged_at: number | null;
  acknowledged_by: string | null;
  comment: string | null;
  resolved_at: number | null;
  /** Why it counts as over. */
  resolution: string | null;
  /** Its own id, or that of the alert in whose thread it is told. */
  conversation: string;
}

/** The life of an alert, step by step. */
export interface AlertChangeTable {
  alert_id: string;
  at: number;
  change: 'opened' | 'told' | 'silenced' | 'unsilenced' | 'changed' | 'acknowledged' | 'resolved';
  actor: string;
  detail: string | null;
}

/** A time in which the alerts of some devices are recorded and not sent. */
export interface MaintenanceTable {
  id: string;
  selector: string;
  reason: string;
  actor: string;
  from_at: number;
  until_at: number;
  /** Null unless a person ended it before its time. */
  ended_at: number | null;
  ended_by: string | null;
}

/** The first message of a conversation at a notifier, by the service's own id. */
export interface ConversationTable {
  notifier: string;
  id: string;
  receipt: string;
  begun_at: number;
}
