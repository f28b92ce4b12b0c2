import type { TRIGGER_KINDS } from './vocabulary.ts';

/**
 * What makes a macro run by itself, as the file's `when` says.
 *
 * | kind | fires |
 * |---|---|
 * | schedule | at each matching minute of a wall clock |
 * | feedback | when the device tells of something below `path` that is like `where` |
 * | presence | once for each stretch of time in which presence was `is` for so long |
 * | booking | `offsetMs` after a booking's start or end (before, where it is negative) |
 * | call | when a call begins or ends |
 * | alert | when an alert about the device opens or is over; `rule` null: any |
 * | panel, widget | when somebody touches them on the device |
 * | http | when somebody who has its token posts to it |
 * | chat | when somebody says the word to the bot |
 * | card | when somebody presses a button with that word on a card that the bot posted |
 */
export type Trigger =
  | { readonly kind: 'schedule'; readonly schedules: readonly string[] }
  | {
      readonly kind: 'feedback';
      /** `Status.Standby.State`, `Event.UserInterface.Message.Prompt.Response`. */
      readonly tree: 'Status' | 'Event' | 'Configuration';
      readonly path: string;
      /** Leaf below the path (empty: the path itself) → its value. */
      readonly where: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'presence'; readonly is: 'yes' | 'no' | 'unknown'; readonly forMs: number }
  | { readonly kind: 'booking'; readonly at: 'start' | 'end'; readonly offsetMs: number }
  | { readonly kind: 'call'; readonly on: 'start' | 'end' }
  | { readonly kind: 'alert'; readonly rule: string | null; readonly on: 'opened' | 'resolved' }
  | { readonly kind: 'panel'; readonly id: string }
  | {
      readonly kind: 'widget';
      readonly id: string;
      readonly type: string | null;
      readonly value: string | null;
    }
  | { readonly kind: 'http'; readonly tokenHash: string }
  | { readonly kind: 'chat' | 'card'; readonly word: string };

export type TriggerKind = (typeof TRIGGER_KINDS)[number];

/** What set a run off, as conditions and texts see it; what does not apply is empty. */
export interface TriggerFacts {
  readonly kind: TriggerKind;
  /** What was told: a leaf's value, an option, the word of an alert. */
  readonly value: string;
  readonly path: string;
  /** The id of the booking, call, panel, widget or alert. */
  readonly id: string;
  /** Who, where a person or a program asked. */
  readonly by: string;
}

/** Why a run is to take place now. */
export interface Occasion {
  /** Names it among all of its macro and device: one that was recorded never runs again. */
  readonly key: string;
  /** UTC milliseconds. */
  readonly dueAt: number;
  readonly facts: TriggerFacts;
}

export function triggerFacts(kind: TriggerKind, facts: Partial<TriggerFacts> = {}): TriggerFacts {
  return { value: '', path: '', id: '', by: '', ...facts, kind };
}
