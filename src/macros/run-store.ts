import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import { appendEvents, type NewEvent } from '../storage/events.ts';
import type { MacroRunTable, MacroStepTable } from '../storage/tables.ts';

export type RunState = MacroRunTable['state'];
export type StepState = MacroStepTable['state'];

/** A run as it is recorded. Times are integer UTC milliseconds. */
export interface RunRecord {
  readonly id: string;
  readonly macro: string;
  /** The device's name today. */
  readonly device: string;
  readonly deviceId: number;
  /** `schedule`, `catch-up`, or `by ACTOR`. */
  readonly trigger: string;
  readonly dueAt: number;
  /** Null while it waits for its turn, and for one that never began. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly state: RunState;
  /** A sentence; null where it simply went well. */
  readonly reason: string | null;
  readonly steps: readonly StepRecord[];
}

interface StepRecord {
  readonly position: number;
  readonly step: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly state: StepState;
  readonly result: string | null;
}

export type NewRun = Pick<RunRecord, 'id' | 'macro' | 'deviceId' | 'trigger' | 'dueAt'>;

export interface RunFilter {
  readonly macro?: string;
  readonly device?: string;
  readonly state?: RunState;
  /** Only runs older than the one with this id. */
  readonly before?: string;
  /** At most this many; 50 when left out, 500 at most. */
  readonly limit?: number;
}

/** The queries on macro_run and macro_step. Each run that ends is an event too, in the same transaction. */
export class RunStore {
  readonly #database: Database;

  constructor({ database }: { database: Database }) {
    this.#database = database;
  }

  /** False where this macro already has a run on this device for this due time: then nothing was recorded. */
  async begin(run: NewRun): Promise<boolean> {
    return this.#insert({ ...row(run), state: 'running', started_at: null, ended_at: null, reason: null });
  }

  /** Records a run that does not take place; false where there is one already. */
  async skip(run: NewRun, { at, reason }: { at: number; reason: string }): Promise<boolean> {
    const isNew = await this.#insert({
      ...row(run),
      state: 'skipped',
      started_at: null,
      ended_at: at,
      reason,
    });
    if (isNew) await appendEvents(this.#database, [runEvent(run, { at, state: 'skipped', reason })]);
    return isNew;
  }

  async started(id: string, at: number): Promise<void> {
    const { query } = this.#database;
    await this.#database.write([query.updateTable('macro_run').set({ started_at: at }).where('id', '=', id)]);
  }

  async ended(run: NewRun, end: { at: number; state: RunState; reason: string | null }): Promise<void> {
    const { at, state, reason } = end;
    await appendEvents(
      this.#database,
      [runEvent(run, end)],
      [
        this.#database.query
          .updateTable('macro_run')
          .set({ ended_at: at, state, reason })
          .where('id', '=', run.id),
      ],
    );
  }

  async stepStarted(runId: string, step: { position: number; step: string; at: number }): Promise<void> {
    await this.#database.write([
      this.#database.query.insertInto('macro_step').values({
        run_id: runId,
        position: step.position,
        step: step.step,
        started_at: step.at,
        ended_at: null,
        state: 'running',
        result: null,
      }),
    ]);
  }

  async stepEnded(
    runId: string,
    step: { position: number; at: number; state: StepState; result: string },
  ): Promise<void> {
    await this.#database.write([
      this.#database.query
        .updateTable('macro_step')
        .set({ ended_at: step.at, state: step.state, result: step.result })
        .where('run_id', '=', runId)
        .where('position', '=', step.position),
    ]);
  }

  /** Records steps that were not done, with what they would have done. */
  async stepsSkipped(
    runId: string,
    steps: readonly { position: number; step: string; result: string }[],
    at: number,
  ): Promise<void> {
    await this.#database.write(
      steps.map(({ position, step, result }) =>
        this.#database.query
          .insertInto('macro_step')
          .values({ run_id: runId, position, step, started_at: at, ended_at: at, state: 'skipped', result }),
      ),
    );
  }

  /** Closes what a daemon that died left open; returns how many runs that were. */
  async interruptRunning(at: number): Promise<number> {
    const { query } = this.#database;
    const open = await this.#database.read(
      query.selectFrom('macro_run').selectAll().where('state', '=', 'running'),
    );
    if (open.length === 0) return 0;
    const reason = 'roomd ended while the run was under way';
    const ids = open.map(({ id }) => id);
    await appendEvents(
      this.#database,
      open.map((run) =>
        runEvent(
          { id: run.id, macro: run.macro, deviceId: run.device_id, trigger: run.trigger, dueAt: run.due_at },
          { at, state: 'interrupted', reason },
        ),
      ),
      [
        query
          .updateTable('macro_run')
          .set({ state: 'interrupted', ended_at: at, reason })
          .where('id', 'in', ids),
        query
          .updateTable('macro_step')
          .set({
            state: 'failed',
            ended_at: at,
            result: 'roomd ended during this step; what came of it is not known',
          })
          .where('run_id', 'in', ids)
          .where('state', '=', 'running'),
      ],
    );
    return open.length;
  }

  /** Newest first. */
  async list(filter: RunFilter = {}, options: AbortOptions = {}): Promise<RunRecord[]> {
    let query = this.#runs()
      .orderBy('macro_run.id', 'desc')
      .limit(Math.min(filter.limit ?? 50, 500));
    if (filter.macro !== undefined) query = query.where('macro_run.macro', '=', filter.macro);
    if (filter.device !== undefined) query = query.where('device.name', '=', filter.device);
    if (filter.state !== undefined) query = query.where('macro_run.state', '=', filter.state);
    if (filter.before !== undefined) query = query.where('macro_run.id', '<', filter.before);
    return this.#withSteps(await this.#database.read(query, options), options);
  }

  /** Null where there is no run of this id. */
  async get(id: string, options: AbortOptions = {}): Promise<RunRecord | null> {
    const rows = await this.#database.read(this.#runs().where('macro_run.id', '=', id), options);
    return (await this.#withSteps(rows, options))[0] ?? null;
  }

  async #withSteps(runs: readonly RunRow[], options: AbortOptions): Promise<RunRecord[]> {
    if (runs.length === 0) return [];
    const steps = await this.#database.read(
      this.#database.query
        .selectFrom('macro_step')
        .selectAll()
        .where(
          'run_id',
          'in',
          runs.map(({ id }) => id),
        )
        .orderBy('position'),
      options,
    );
    return runs.map((run) => toRun(run, steps.filter((step) => step.run_id === run.id).map(toStep)));
  }

  #runs() {
    return this.#database.query
      .selectFrom('macro_run')
      .innerJoin('device', 'device.id', 'macro_run.device_id')
      .selectAll('macro_run')
      .select('device.name as device');
  }

  async #insert(values: MacroRunTable): Promise<boolean> {
    const [result] = await this.#database.write([
      this.#database.query
        .insertInto('macro_run')
        .values(values)
        .onConflict((conflict) => conflict.columns(['macro', 'device_id', 'due_at']).doNothing()),
    ]);
    return result?.changes === 1;
  }
}

function row({ id, macro, deviceId, trigger, dueAt }: NewRun) {
  return { id, macro, device_id: deviceId, trigger, due_at: dueAt };
}

function runEvent(
  { id, macro, deviceId, trigger, dueAt }: NewRun,
  { at, state, reason }: { at: number; state: RunState; reason: string | null },
): NewEvent {
  return {
    deviceId,
    kind: 'run',
    path: null,
    payload: { id, macro, trigger, dueAt, state, reason },
    source: 'roomd',
    receivedAt: at,
    deviceAt: null,
  };
}

type RunRow = MacroRunTable & { readonly device: string };

function toRun(run: RunRow, steps: readonly StepRecord[]): RunRecord {
  return {
    id: run.id,
    macro: run.macro,
    device: run.device,
    deviceId: run.device_id,
    trigger: run.trigger,
    dueAt: run.due_at,
    startedAt: run.started_at,
    endedAt: run.ended_at,
    state: run.state,
    reason: run.reason,
    steps,
  };
}

function toStep(step: MacroStepTable): StepRecord {
  return {
    position: step.position,
    step: step.step,
    startedAt: step.started_at,
    endedAt: step.ended_at,
    state: step.state,
    result: step.result,
  };
}
