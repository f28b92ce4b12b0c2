import type { DesiredDevice } from '../fleet/fleet.ts';
import type { BoundMacro } from './bind.ts';
import type { OutputValues } from './condition.ts';
import type { RunEnd } from './run-end.ts';
import type { Occasion } from './trigger.ts';
import type { Turn } from './turn.ts';

/** A run that is wanted. */
export interface DueRun {
  readonly bound: BoundMacro;
  /** Null for one that is for the fleet as a whole. */
  readonly device: DesiredDevice | null;
  readonly occasion: Occasion;
  /** What set it off, in a word or two for the record. */
  readonly trigger: string;
  /** The first step to be done, from 0, with what those before it told; from the beginning where it is left out. */
  readonly from?: { readonly step: number; readonly outputs: ReadonlyMap<string, OutputValues> };
  /** Nothing is done; what would be is recorded. */
  readonly isDry?: boolean;
  /** The run that it is a part of. */
  readonly within?: Within;
}

interface Within {
  readonly signal: AbortSignal;
  /** What that run holds. */
  readonly turn: Turn;
}

/** A run that is recorded; `ended` never rejects. */
export interface LaunchedRun {
  readonly id: string;
  readonly ended: Promise<RunEnd>;
}
