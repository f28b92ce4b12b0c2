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
  projection: ProjectionTable;
  presence: PresenceTable;
  call: CallTable;
  booking: BookingTable;
  span: SpanTable;
  measurement: MeasurementTable;
  measurement_hour: MeasurementHourTable;
  people_count: PeopleCountTable;
  erasure: ErasureTable;
  utilisation: UtilisationTable;
  utilisation_cursor: UtilisationCursorTable;
  utilisation_mark: UtilisationMarkTable;
  revision: RevisionTable;
  unfinished_apply: UnfinishedApplyTable;
  write: WriteTable;
  hold: HoldTable;
  slot_token: SlotTokenTable;
  macro_run: MacroRunTable;
  macro_step: MacroStepTable;
  macro_setting: MacroSettingTable;
  outbox: OutboxTable;
  fact: FactTable;
  managed: ManagedTable;
  content_blob: ContentBlobTable;
  rollout: RolloutTable;
  rollout_device: RolloutDeviceTable;
  upgrade: UpgradeTable;
  upgrade_device: UpgradeDeviceTable;
  product_schema: ProductSchemaTable;
  alert: AlertTable;
  alert_change: AlertChangeTable;
  maintenance: MaintenanceTable;
  conversation: ConversationTable;
  fight: FightTable;
  rotation: RotationTable;
  rotation_device: RotationDeviceTable;
  inventory_pull: InventoryPullTable;
  inventory_failure: InventoryFailureTable;
  sealed_grant: SealedGrantTable;
  api_token: ApiEntryTable;
  api_user: ApiEntryTable;
  api_use: ApiUseTable;
  api_session: ApiSessionTable;
  chat_card: ChatCardTable;
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
  /** `CertificateFacts` of the trusted certificate that it showed last, whatever `tls:` says; null before that. */
  certificate_json: string | null;
  product: string | null;
  software: string | null;
  first_seen_at: number | null;
  last_seen_at: number | null;
  /** Null while the file names it. */
  removed_at: number | null;
  /** Since when machines leave it alone because a person retired it; null while it is in service. */
  retired_at: number | null;
  /** Who did. */
  retired_by: string | null;
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

/** What every derived row has besides its content. */
interface DerivedTable {
  id: Generated<number>;
  device_id: number;
  /** The event that began the row; a rebuild makes those again that lie after its beginning. */
  seq: number;
}

/** Half-open intervals [from_at, to_at); `to_at` null while open. At most one open per device. */
export interface PresenceTable {
  id: Generated<number>;
  device_id: number;
  seq: Generated<number>;
  state: 'yes' | 'no' | 'unknown';
  /** The greatest people count seen; null when none was ever counted. */
  max_count: number | null;
  last_count: number | null;
  source: string;
  from_at: number;
  to_at: number | null;
}

/** One call of one device. Under way: `ended_at` null and `is_end_known` 1. */
export interface CallTable extends DerivedTable {
  /** The device's own number of it, which comes again after a reboot. */
  call_id: string;
  direction: 'incoming' | 'outgoing' | null;
  protocol: string | null;
  /** The device's word (`Connected`, `Ringing`), `ended`, or `unknown` while nobody hears the device. */
  state: string;
  started_at: number;
  /** 0: it was under way when it was first heard of, `started_at` is the best guess. */
  is_start_known: number;
  connected_at: number | null;
  ended_at: number | null;
  /** 0: nobody heard it end; `ended_at` is then the latest it can have been, or null. */
  is_end_known: number;
  /** Null while under way. */
  outcome: 'connected' | 'failed' | 'missed' | 'unknown' | null;
  cause_type: string | null;
  cause: string | null;
  /** Seconds it was connected; null where nobody knows or it never was. */
  duration_s: number | null;
  remote: string | null;
  remote_form: IdentityForm;
  people_average: number | null;
}

/** How much of an identity is kept, as `privacy:` in the fleet file allows. */
export type IdentityForm = 'none' | 'domain' | 'hashed' | 'full';

/** One booking as a device told of it. */
export interface BookingTable extends DerivedTable {
  /** The device's own id of it. */
  booking_id: string;
  meeting_id: string | null;
  organizer: string | null;
  organizer_form: IdentityForm;
  /** Keyed hash of what tells a series: see `seriesOf`; null where the file does not let it be kept, or nothing tells one. */
  series: string | null;
  /** As scheduled last; both follow changes. */
  start_at: number;
  end_at: number | null;
  extended_times: number;
  /** When the device said that it began, and ended. */
  began_at: number | null;
  ended_at: number | null;
  /** `unknown`: its time passed while nobody heard the device. */
  state: 'scheduled' | 'running' | 'ended' | 'cancelled' | 'unknown';
}

/**
 * Half-open intervals [from_at, to_at) of one value of something; `to_at` null
 * while it stands. Times without a row are unknown, but for `diagnostic`,
 * `peripheral` and `reboot`, of which there may be none.
 *
 * | kind | key | value |
 * |---|---|---|
 * | `in-use` | empty | `yes`, `no`: the device's word RoomInUse |
 * | `standby` | empty | the device's word: `Standby`, `EnteringStandby`, `Halfwake`, `Off` (awake) |
 * | `session` | empty | state of the session: `up`, `unreachable`, … |
 * | `peripheral` | the device's own id | `Connected`, `LostConnection`, …; detail: `name`, `type`, `location` |
 * | `diagnostic` | type of the message | its level; detail: `description` |
 * | `software` | empty | version |
 * | `reboot` | empty | `Restart`, `Shutdown`, `Upgrade`, or `unannounced`; until it was back |
 * | `capacity` | empty | how many people the device says its room is for |
 */
export interface SpanTable extends DerivedTable {
  kind: 'in-use' | 'standby' | 'session' | 'peripheral' | 'diagnostic' | 'software' | 'reboot' | 'capacity';
  key: string;
  value: string;
  from_at: number;
  to_at: number | null;
  /** 0: nobody heard it end, it was last known to stand at `to_at`. */
  is_end_known: number;
  detail_json: string | null;
}

/** What a sensor showed; a value stands until the next. */
export interface MeasurementTable extends DerivedTable {
  /** `temperature` (°C), `humidity` (%), `air-quality` (index), `ambient-noise`, `sound-level` (dBA). */
  sensor: string;
  /** `device`, or `peripheral:1001`, the device's own id of it. */
  source: string;
  at: number;
  value: number;
}

/** An hour of a sensor, beginning at `hour_at`. */
export interface MeasurementHourTable extends DerivedTable {
  sensor: string;
  source: string;
  hour_at: number;
  /** Values heard in it; 0 where the one before stood all the time. */
  samples: number;
  min: number;
  max: number;
  /** Weighted by how long each value stood. */
  mean: number;
}

/** That what was recorded of a device was erased, and nothing of what it was. */
export interface ErasureTable {
  id: string;
  device_id: number;
  actor: string;
  /** The span of time [from_at, to_at); null: as far as the record went. */
  from_at: number | null;
  to_at: number | null;
  at: number;
  /** How many rows went; null while it is under way, and the next start goes on with it. */
  rows: number | null;
}

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

/** The secret part of a device's webhook URL. */
export interface SlotTokenTable {
  device_id: number;
  token: string;
  created_at: number;
  /** The one before, accepted still; null otherwise. */
  old_token: string | null;
  /** When the device was first seen to use `token`, where it replaced another. */
  proven_at: number | null;
}

/** Of a macro, a device and an occasion there is at most one run. */
export interface MacroRunTable {
  id: string;
  macro: string;
  /** Null for a run that is for the fleet as a whole. */
  device_id: number | null;
  trigger: string;
  due_at: number;
  /** What set it off, by a name of its own: `at:1764320100000`, `presence:4711`. */
  occasion: string;
  /** What conditions and texts see of that. */
  facts_json: string;
  started_at: number | null;
  ended_at: number | null;
  state: 'running' | 'succeeded' | 'failed' | 'skipped' | 'would-run' | 'cancelled' | 'interrupted';
  reason: string | null;
}

export interface MacroStepTable {
  run_id: string;
  /** In the order in which the steps began. */
  position: number;
  /** Where it stands in the macro: `steps[2].then[0]`. */
  path: string;
  step: string;
  /** The name that the device had; null for a step that is about none. */
  device: string | null;
  started_at: number;
  ended_at: number | null;
  state: 'running' | 'succeeded' | 'failed' | 'skipped';
  /** What came of it, or why not, in a sentence. */
  result: string | null;
  /** What it told later steps; null where nothing. */
  output_json: string | null;
}

/** A setting that a macro changed for a time. Of a device and a path one at most is held. */
export interface MacroSettingTable {
  run_id: string;
  macro: string;
  device_id: number;
  path: string;
  before: string;
  value: string;
  set_at: number;
  /** Null: until its run ends. */
  until_at: number | null;
  /** `left`: somebody changed it meanwhile; `failed`: the device refused what was before. */
  state: 'held' | 'returned' | 'left' | 'failed';
  reason: string | null;
  settled_at: number | null;
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

/** Half-open intervals [from_at, to_at) of one count of people; times without a row were not counted. */
export interface PeopleCountTable extends DerivedTable {
  count: number;
  from_at: number;
  to_at: number | null;
}

/**
 * How a quarter of an hour was used, or an hour of which the four quarters are
 * alike. A quarter of which nothing is known has no row. What of `length_ms`
 * is neither occupied nor empty is unknown.
 */
export interface UtilisationTable {
  device_id: number;
  /** Begins on a full quarter of an hour, or hour, UTC. */
  at: number;
  length_ms: number;
  occupied_ms: number;
  empty_ms: number;
  /** Occupied and the people counted. */
  counted_ms: number;
  /** People times milliseconds, over the counted time. */
  people_ms: number;
  /** Most people counted; null where none were. */
  peak: number | null;
  booked_ms: number;
  booked_used_ms: number;
  booked_unused_ms: number;
  used_unbooked_ms: number;
  /** Calls that began in it. */
  calls: number;
  /** In at least one connected call. */
  call_ms: number;
}

/** One row, with the id 1, once anything is rolled up. */
export interface UtilisationCursorTable {
  id: number;
  /** Everything before is rolled up. */
  until_at: number;
  /** Up to here is being read; what changes before it leaves a mark. */
  claimed_at: number;
}

/** What changed in a device's records after it was rolled up; written by triggers. */
export interface UtilisationMarkTable {
  device_id: number;
  from_at: number;
  to_at: number;
  /** Raised by each change, so that one that comes while it is worked off is not lost. */
  generation: number;
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

/** Content by the SHA-256 (hex) of its bytes, written once; deleted when no record names it. */
export interface ContentBlobTable {
  digest: string;
  bytes: Uint8Array;
  /** When it was last put. */
  put_at: number;
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

/** What a source knew after a complete pull. A pull that changes nothing of the fleet confirms the newest row. */
export interface InventoryPullTable {
  id: Generated<number>;
  source: string;
  at: number;
  confirmed_at: number;
  /** `PulledDevice[]` of `fleet/inventory/pulled`. */
  devices_json: string;
}

/** Present while a source cannot be pulled. */
export interface InventoryFailureTable {
  source: string;
  since_at: number;
  /** The latest attempt. */
  at: number;
  failures: number;
  reason: string;
}

/** Who may use the API: a token, or a user with a password. */
export interface ApiEntryTable {
  name: string;
  role: 'viewer' | 'operator' | 'admin';
  /** Selector of the devices that it is limited to; null: the whole fleet. */
  devices: string | null;
  /** Of the token or the password; see `fleet/access/hash`. */
  hash: string;
  made_at: number;
  made_by: string;
  /** Null: never. */
  expires_at: number | null;
}

/** When a token or user was used last, also one of the fleet file. */
export interface ApiUseTable {
  kind: 'token' | 'user';
  place: 'file' | 'database';
  name: string;
  used_at: number;
}

/** A browser that is signed in. */
export interface ApiSessionTable {
  /** SHA-256 of the id in its cookie. */
  digest: string;
  /** What it was signed in by, as that was then; it ends when that is no more. */
  proof: string;
  made_at: number;
  used_at: number;
}

/** What another system granted roomd last. */
export interface SealedGrantTable {
  /** The system's key under `systems:`. */
  name: string;
  /** Of `lib/seal`. */
  sealed: string;
  at: number;
}

/** A card of the bot, or a question in words, that waits for one answer. */
export interface ChatCardTable {
  /** SHA-256 of its nonce. */
  key: string;
  /** `Waiting` of the chat slice. */
  waiting_json: string;
  /** Both null until the service has taken it; the message also for a question in words. */
  room_id: string | null;
  message_id: string | null;
  opened_at: number;
  expires_at: number;
}
