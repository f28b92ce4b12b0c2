import type { Generated } from 'kysely';

/** How much of an identity is kept, as `privacy:` in the fleet file allows. */
export type IdentityForm = 'none' | 'domain' | 'hashed' | 'full';

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

/** Half-open intervals [from_at, to_at) of one count of people; times without a row were not counted. */
export interface PeopleCountTable extends DerivedTable {
  count: number;
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
