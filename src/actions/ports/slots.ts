import type { SlotOwner } from '../../feedback/slots.ts';
import type { DesiredDevice } from '../../fleet/fleet.ts';
import type { AbortOptions } from '../../lib/abort.ts';

export interface SlotPorts {
  /** From what was read last; read now where `fresh`, or where nothing was. */
  list(
    devices: readonly DesiredDevice[],
    how: { readonly fresh: boolean },
    options: AbortOptions,
  ): Promise<readonly DeviceSlots[]>;
  /** Gives devices another token; absent where no daemon runs that could. */
  readonly rotate?: (
    devices: readonly DesiredDevice[],
    actor: string,
  ) => Promise<
    readonly { readonly name: string; readonly isBegun: boolean; readonly reason: string | null }[]
  >;
}

export interface DeviceSlots {
  readonly name: string;
  /** UTC milliseconds; null where they are not known, and `reason` says why. */
  readonly seenAt: number | null;
  readonly reason: string | null;
  /** All four, or none where they are not known. */
  readonly slots: readonly {
    readonly number: number;
    readonly owner: SlotOwner | 'free';
    /** Where it posts to, without the path, which may hold a secret. */
    readonly origin: string | null;
    readonly status: string | null;
    readonly format: string | null;
    readonly expressions: readonly string[];
  }[];
  /** When a post of the device was last taken since the start. */
  readonly lastPostAt: number | null;
  readonly token: {
    readonly since: number;
    readonly isOldAccepted: boolean;
    readonly provenAt: number | null;
  } | null;
}

/** The path of problems that concern the feedback slots as such. */
export const SLOT_PROBLEM = 'HttpFeedback';
