import type { Secret } from '../lib/secret.ts';
import type { PathText } from '../xapi/path.ts';
import type { Place } from './problem.ts';

/** One thing that differs between the file and a device. */
export interface Change {
  /** Resource kind: `configuration`, `feedback-slot`. */
  readonly kind: string;
  readonly path: PathText;
  /** As shown to people, secrets as `[secret]`; null where the device has nothing there. */
  readonly from: string | null;
  readonly to: string;
  /** What is to be written. */
  readonly wanted: string | Secret;
  /** The device masks this value: no read-back can show it. */
  readonly unreadable: boolean;
  /** The line of the file that asks for it; absent where none does. */
  readonly place?: Place;
  /** Whether people in the room could notice; such a change waits until the room is free. */
  readonly noticeable: boolean;
  /** Of things besides settings: what stands there, as it was observed. */
  readonly replaces?: Replaced;
}

/** A thing on a device that a change takes the place of. */
export interface Replaced {
  /** The device's own name of it. */
  readonly key: string;
  /** Whether roomd put it there. */
  readonly isOurs: boolean;
  /** Null where nothing stands there. */
  readonly held: HeldThing | null;
}

/** Enough to put a thing back, or why that cannot be. */
export type HeldThing =
  | {
      readonly bytes: () => Uint8Array;
      /** Of a device macro. */
      readonly active?: boolean;
      /** What is lacking of it, in a sentence; null for nothing. */
      readonly lacks: string | null;
    }
  | { readonly lost: string };

/**
 * What became of a change.
 * - `accepted`: written and read back as wanted
 * - `refused`: the device said no, or it is not the device that the file means
 * - `differs`: the device said yes and holds something else
 * - `accepted-unreadable`: the device said yes and masks the value
 * - `waiting`: not tried, the room is in use or unknown
 * - `held`: not tried, a hold, `protected` or a fight over the setting forbids it
 * - `failed`: not known to have been written; the detail says why
 */
export type Outcome =
  | 'accepted'
  | 'refused'
  | 'differs'
  | 'accepted-unreadable'
  | 'waiting'
  | 'held'
  | 'failed';

export interface ChangeResult {
  readonly change: Change;
  readonly outcome: Outcome;
  /** A sentence; null for a plain `accepted`. */
  readonly detail: string | null;
}
