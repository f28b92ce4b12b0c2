import type { ZodType } from 'zod';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import type { Clock } from '../lib/clock.ts';
import { RoomdError } from '../lib/errors.ts';
import type { Device } from '../xapi/device.ts';
import type { OutputValues } from './condition.ts';
import type { StepPorts } from './ports.ts';
import type { TemplateNames, TemplateValues } from './template.ts';
import type { Turn } from './turn.ts';
import type { FieldType } from './vocabulary.ts';

/**
 * A kind of step that macros are made of: one file each in `steps/`, listed in
 * `steps/registry.ts`. In the file it is written as its name and its
 * arguments: `- message: { text: Good morning }`.
 *
 * A step that ends, however it ends, leaves nothing half-done: what it began
 * and cannot finish it takes back before its promise settles. It watches
 * `context.signal` wherever it waits.
 *
 * Members are methods, so that steps of different arguments fit one registry.
 */
export type Step<Args> = RoomStep<Args> | FreeStep<Args>;

/** A step that acts on the device of the run. */
interface RoomStep<Args> extends StepCore<Args> {
  readonly needsDevice: true;
  /**
   * Does it. Resolves with what came of it.
   * @throws StepError when it did not do what it is for; XapiError from the device; the signal's reason
   */
  run(context: StepContext, args: Args): Promise<StepResult>;
}

/** A step that needs no device, so that a macro for the fleet as a whole may hold it. */
interface FreeStep<Args> extends StepCore<Args> {
  readonly needsDevice: false;
  run(context: FreeContext, args: Args): Promise<StepResult>;
}

interface StepCore<Args> {
  readonly name: string;
  /** One sentence for editors and the reference. */
  readonly summary: string;
  readonly page: StepPage;
  /** Its arguments; the JSON Schema for editors comes from here too. */
  readonly schema: ZodType<Args>;
  /** What it tells those that come after it, where it is given a name with `as`. */
  readonly outputs?: Readonly<Record<string, FieldType>>;
  /** Whether a missed run that holds this step may be made up later. */
  readonly mayCatchUp: boolean;
  /** What the schema cannot see; every problem, not the first. */
  check(args: Args, context: CheckContext): StepProblem[];
  /** The longest it waits by its arguments alone, in milliseconds; 0 for one that does not wait. `countOf` says how many devices a selector names. */
  waitMs(args: Args, countOf: (selector: string) => number): number;
  /** A selector of other devices that it acts on; null for none. */
  alsoOn?(args: Args): string | null;
  /** What it does, as the words after "would": `dial standup@example.com, …`. */
  describe(args: Args, context: Pick<FreeContext, 'values'>): string;
}

/** What the page of a step says besides what its schema does; each a sentence or a part of one. */
export interface StepPage {
  /** What keeps it from doing harm. */
  readonly guards: readonly string[];
  /** Of which it fails; with the code of a `StepError` in front, where it is one. */
  readonly errors: readonly string[];
  /** Steps of a macro, as they stand in the file. */
  readonly example: string;
}

export interface StepResult {
  /** One sentence for the record: what was done. */
  readonly result: string;
  /** Calls that this step began and that go on. */
  readonly calls?: readonly string[];
  /** Every field that `outputs` declares. */
  readonly output?: OutputValues;
}

export interface StepProblem {
  /** Within the step's arguments. */
  readonly path: readonly (string | number)[];
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export interface CheckContext {
  readonly fleet: Fleet;
  /** The devices it acts on; empty in a macro for the fleet as a whole. */
  readonly targets: readonly DesiredDevice[];
  /** False where it acts on none, in a macro for the fleet as a whole. */
  readonly hasDevice: boolean;
  /** The macro that it stands in, and all of the file. */
  readonly macro: string;
  readonly macros: readonly KnownMacro[];
  /** What texts may have filled in. */
  readonly names: TemplateNames;
  /** The macro says `unmuted: true`. */
  readonly unmuted: boolean;
  /** Names of the steps before this one. */
  readonly earlier: readonly string[];
}

/** A macro of the file as another one sees it. */
export interface KnownMacro {
  readonly name: string;
  readonly scope: 'device' | 'fleet';
  readonly enabled: boolean;
  readonly devices: string;
  /** Names of the devices it is for. */
  readonly targets: readonly string[];
  /** Names of those that its steps run. */
  readonly runs: readonly string[];
}

/** What every step has. */
export interface FreeContext {
  readonly runId: string;
  readonly macro: string;
  /** The device that it acts on; null in a run for the fleet as a whole. */
  readonly deviceName: string | null;
  readonly fleet: Fleet;
  readonly values: TemplateValues;
  /** Aborts on the run's deadline, when someone cancels it, and when roomd stops. */
  readonly signal: AbortSignal;
  /** What the run holds here: devices on which no other macro acts meanwhile. */
  readonly turn: Turn;
  /**
   * Works on a device of the fleet as a step of its own would, in its turn.
   * @throws StepError `failed` where no session is kept to it; the signal's reason; whatever `work` throws
   */
  onDevice<T>(desired: DesiredDevice, work: (context: StepContext) => Promise<T>): Promise<T>;
  readonly clock: Clock;
  readonly timing: StepTiming;
  /** Called right before every act. @throws StepError `held` when a hold or `protected` forbids it by now */
  readonly assertMayAct: () => void;
  readonly ports: StepPorts;
}

export interface StepContext extends FreeContext {
  readonly device: Device;
  readonly desired: DesiredDevice;
  /** Ids of the calls that earlier steps of this run began on the device. */
  readonly ownCalls: readonly string[];
}

export interface StepTiming {
  /** How often a state that is waited for is read. */
  readonly pollMs: number;
  /** How long a mute or a hang-up may take to show in the status. */
  readonly settleMs: number;
}

export const STEP_TIMING: StepTiming = { pollMs: 500, settleMs: 5_000 };

/**
 * | code | meaning |
 * |---|---|
 * | refused | a safety rule says no; nothing was done |
 * | cancelled | someone in the room cancelled it |
 * | held | a hold or `protected` forbids it |
 * | failed | it was tried and did not work; what was begun is taken back |
 */
export type StepErrorCode = 'refused' | 'cancelled' | 'held' | 'failed';

export class StepError extends RoomdError<StepErrorCode> {}

export function stepProblem(path: readonly (string | number)[], message: string): StepProblem {
  return { path, severity: 'error', message };
}
