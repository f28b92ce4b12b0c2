/** The file of a JavaScript macro. */
export interface JavaScriptFile {
  /** As people are told it: `macros/standup.js`. */
  readonly file: string;
  readonly source: string;
}

export interface SandboxLimits {
  /** What all values of the script may take together. */
  readonly memoryBytes: number;
  /** What its calls within one another may take. */
  readonly stackBytes: number;
  /** How long it may compute between two things that it waits for, in milliseconds. */
  readonly turnMs: number;
  /** How often the engine must have asked in that time, once in some ten thousand jumps and calls: on a busy machine time alone tells little. */
  readonly turnTicks: number;
  /** How long it may compute however little it does: the engine does not ask within some builtins. */
  readonly turnMostMs: number;
  readonly steps: number;
  /** Steps and questions together. */
  readonly calls: number;
  /** Calls that it has begun and that are not answered yet. */
  readonly callsAtOnce: number;
  /** Arguments of one call, in characters of JSON. */
  readonly argumentLength: number;
  readonly logLines: number;
  /** In characters. */
  readonly logLineLength: number;
}

export const SANDBOX_LIMITS: SandboxLimits = {
  memoryBytes: 32 * 1024 * 1024,
  stackBytes: 256 * 1024,
  turnMs: 250,
  turnTicks: 100,
  turnMostMs: 2_500,
  steps: 1_000,
  calls: 10_000,
  callsAtOnce: 100,
  argumentLength: 64 * 1024,
  logLines: 200,
  logLineLength: 1_000,
};

/** A `WebAssembly.Module`, which threads share. */
export type CompiledEngine = object;

/** What a thread is begun with. */
export type SandboxJob = { readonly engine: CompiledEngine; readonly limits: SandboxLimits } & (
  | { readonly does: 'check'; readonly files: readonly JavaScriptFile[] }
  | { readonly does: 'run'; readonly file: JavaScriptFile; readonly given: Given }
);

/** What the script is given besides functions; plain data. */
export interface Given {
  readonly macro: string;
  readonly trigger: Readonly<Record<string, string>>;
  /** Null in a run that is for the fleet as a whole. */
  readonly device: Readonly<Record<string, unknown>> | null;
  /** Names of the steps that it may call. */
  readonly steps: readonly string[];
}

/** What the script asks roomd for; it waits for the answer. */
export interface Call {
  readonly says: 'call';
  readonly id: number;
  readonly kind: CallKind;
  /** Of the step; empty where it is none. */
  readonly name: string;
  /** JSON. */
  readonly args: string;
  /** Of an each: the number of the call by which it was entered; 0 for the run itself. */
  readonly room: number;
  /** Where in the script, null where that cannot be told. */
  readonly at: Spot | null;
}

/** Facts are asked for; `enter` takes the turn of a device, until `leave`. */
export const FACT_KINDS = ['state', 'occupancy', 'fleet'] as const;
export type FactKind = (typeof FACT_KINDS)[number];

export const CALL_KINDS = ['step', 'devices', 'enter', 'leave', ...FACT_KINDS] as const;
export type CallKind = (typeof CALL_KINDS)[number];

/** In a script, from 1. */
export interface Spot {
  readonly line: number;
  readonly column: number;
}

export interface Answer {
  readonly id: number;
  /** Otherwise the call has failed, and `json` is an `AnsweredError`. */
  readonly isDone: boolean;
  readonly json: string;
}

export interface AnsweredError {
  readonly code: string;
  readonly message: string;
}

/** What is wrong with a script, or was with its run. */
export interface Fault {
  readonly message: string;
  readonly at: Spot | null;
}

/** What a thread tells. */
export type SandboxNews =
  | Call
  | { readonly says: 'log'; readonly text: string; readonly at: Spot | null }
  /** It has done what there was to do, and waits for an answer. */
  | { readonly says: 'idle' }
  /** Nothing more comes; `unawaited` calls were begun and not waited for. */
  | { readonly says: 'ended'; readonly fault: Fault | null; readonly unawaited: number }
  /** Of the next file; null where nothing is wrong with it. */
  | { readonly says: 'checked'; readonly fault: Fault | null };
