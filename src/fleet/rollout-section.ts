import type { PathText } from '../xapi/path.ts';
import type { Moment } from './local-time.ts';
import type { Selector } from './selector-parse.ts';

/** How a new revision reaches the fleet, as the file's `rollout:` says. */
export interface RolloutSection {
  /** The devices that come first; null: none, the rings begin. */
  readonly canary: RolloutCanary | null;
  /** One after another, after the canaries. Devices that none names come last, together. */
  readonly rings: readonly RolloutGroup[];
  /** How long the canaries, and then each ring, must hold before the next begins. */
  readonly soakMs: number;
  readonly failureBudget: FailureBudget;
  /** Everything is reverted unless a person confirms within this time; null: nobody is asked. */
  readonly confirmWithinMs: number | null;
  /** When a device may be written, by its own clock; empty: at any time. */
  readonly windows: readonly RolloutWindow[];
  readonly freezes: readonly RolloutFreeze[];
  /** A software upgrade begins only where its window stays open at least this long. */
  readonly upgradeNeedsMs: number;
  /** Settings and subtrees that may be written although they can cut roomd off; such devices go one at a time. */
  readonly allowCutOff: readonly PathText[];
}

export type RolloutCanary =
  | ({ readonly kind: 'selector' } & RolloutGroup)
  | { readonly kind: 'number'; readonly devices: number };

export interface RolloutGroup {
  /** As it is written. */
  readonly text: string;
  readonly selector: Selector;
}

/** Failures that are borne; one more stops the rollout. `share` is one of the devices that were tried, from 0 to 1. */
export type FailureBudget =
  | { readonly kind: 'number'; readonly devices: number }
  | { readonly kind: 'share'; readonly share: number };

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/** Minutes of the day by the device's clock. Where `to` is not above `from` the window closes on the next day; `days` are those on which it opens. */
export interface RolloutWindow {
  readonly days: readonly Weekday[];
  readonly fromMinute: number;
  /** Exclusive, up to 1440. */
  readonly toMinute: number;
}

/** Half-open; wall times mean each device's own clock. */
export interface RolloutFreeze {
  readonly from: Moment;
  readonly to: Moment;
  readonly reason: string;
}
