import type { RunState, StepState } from '../../macros/run-store.ts';
import type { TriggerFacts } from '../../macros/trigger.ts';

export interface MacroPorts {
  list(): readonly MacroView[];
  runs(query: {
    macro: string | null;
    device: string | null;
    state: RunState | null;
    /** Only on these; all where absent. */
    devices?: readonly string[];
    limit: number;
    /** Only runs older than the one with this id. */
    cursor: string | null;
  }): Promise<readonly RunView[]>;
  /** One of the last by its id, or the end of it; null where there is none. */
  get(id: string): Promise<RunView | null>;
  /** Starts a run by hand, on one device or for the fleet, and resolves when it has ended. */
  run(macro: string, device: string | null, how: RunByHand): Promise<RunView>;
  /** Runs one step by hand as a macro would, with arguments as they would stand in the file; resolves when it has ended. */
  runStep(
    step: 'dial' | 'disconnect' | 'command' | 'release' | 'message' | 'standby' | 'wake' | 'reboot',
    args: unknown,
    device: string,
    how: Pick<RunByHand, 'actor'>,
  ): Promise<RunView>;
  /** Runs again as a run of it went, from a step counted from 1; resolves when it has ended. */
  runAgain(id: string, step: number, how: Pick<RunByHand, 'actor'>): Promise<RunView>;
  /** Hashes of the tokens that set a macro off over HTTP; none where there is no such macro. */
  triggerTokens(macro: string): readonly string[];
  /** Sets a macro off over HTTP, on one of its devices or on all; resolves with the ids of the runs that began. */
  setOff(macro: string, about: { device: string | null; value: string }): Promise<readonly string[]>;
  /** Ends a run; false where it is not under way. */
  cancel(id: string, actor: string): Promise<boolean>;
}

export interface RunByHand {
  readonly actor: string;
  /** Nothing is done; what would be is recorded. */
  readonly isDry: boolean;
}

export interface MacroView {
  readonly name: string;
  readonly description: string | null;
  readonly scope: 'device' | 'fleet';
  /** The condition, as the file writes it. */
  readonly if: string | null;
  /** The kinds of what sets it off. */
  readonly triggers: readonly string[];
  /** The same in words for people. */
  readonly when: readonly string[];
  /** As the file has it. */
  readonly selector: string;
  /** Its steps in words; a script has none. */
  readonly steps: readonly string[];
  readonly enabled: boolean;
  readonly schedule: readonly string[];
  readonly devices: readonly string[];
  /** A run acts on nothing but its own device. */
  readonly staysOnDevice: boolean;
  /** The next minute at which it is due on any device. */
  readonly nextAt: number | null;
}

export interface RunView {
  readonly id: string;
  readonly macro: string;
  /** Null for a run that is for the fleet as a whole. */
  readonly device: string | null;
  readonly trigger: string;
  readonly facts: TriggerFacts;
  readonly dueAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly state: RunState;
  readonly reason: string | null;
  readonly steps: readonly RunStepView[];
}

export interface RunStepView {
  /** Where it stands in the macro: `steps[2].then[0]`. */
  readonly path: string;
  readonly step: string;
  readonly device: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly state: StepState;
  readonly result: string | null;
}
