/** Single facts of roomd's own: the key that fingerprints secrets, the last good fleet. */
export interface FactTable {
  name: string;
  value: string;
}

/** What another system granted roomd last. */
export interface SealedGrantTable {
  /** The system's key under `systems:`. */
  name: string;
  /** Of `lib/seal`. */
  sealed: string;
  at: number;
}
