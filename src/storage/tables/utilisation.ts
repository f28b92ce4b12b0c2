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
