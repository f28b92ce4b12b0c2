/** Of a macro, a device and an occasion there is at most one run. */
export interface MacroRunTable {
  id: string;
  macro: string;
  /** Null for a run that is for the fleet as a whole. */
  device_id: number | null;
  trigger: string;
  due_at: number;
  /** What set it off, by a name of its own: `at:1764320100000`, `presence:4711`. */
  occasion: string;
  /** What conditions and texts see of that. */
  facts_json: string;
  started_at: number | null;
  ended_at: number | null;
  state: 'running' | 'succeeded' | 'failed' | 'skipped' | 'would-run' | 'cancelled' | 'interrupted';
  reason: string | null;
}

export interface MacroStepTable {
  run_id: string;
  /** In the order in which the steps began. */
  position: number;
  /** Where it stands in the macro: `steps[2].then[0]`. */
  path: string;
  step: string;
  /** The name that the device had; null for a step that is about none. */
  device: string | null;
  started_at: number;
  ended_at: number | null;
  state: 'running' | 'succeeded' | 'failed' | 'skipped';
  /** What came of it, or why not, in a sentence. */
  result: string | null;
  /** What it told later steps; null where nothing. */
  output_json: string | null;
}

/** A setting that a macro changed for a time. Of a device and a path one at most is held. */
export interface MacroSettingTable {
  run_id: string;
  macro: string;
  device_id: number;
  path: string;
  before: string;
  value: string;
  set_at: number;
  /** Null: until its run ends. */
  until_at: number | null;
  /** `left`: somebody changed it meanwhile; `failed`: the device refused what was before. */
  state: 'held' | 'returned' | 'left' | 'failed';
  reason: string | null;
  settled_at: number | null;
}
