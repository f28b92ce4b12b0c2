import { sql } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import { appendEvents, type NewEvent, ownEvent } from '../storage/events.ts';
import type { MacroRunTable, MacroStepTable } from '../storage/tables/macros.ts';
import type { OutputValues } from './condition.ts';
import type { TriggerFacts } from './trigger.ts';

export type RunState = MacroRunTable['state'];
export type StepState = MacroStepTable['state'];

/** A run as it is recorded. Times are integer UTC milliseconds. */
export interface RunRecord {
  readonly id: string;
  readonly macro: string;
  /** The device's name today; null for a run that is for the fleet as a whole. */
  readonly device: string | null;
  readonly deviceId: number | null;
  /** What set it off: `schedule`, `catch-up`, `presence`, `by ACTOR`, … */
  readonly trigger: string;
  /** Names the occasion among all of its macro and device. */
  readonly key: string;
  /** What conditions and texts saw of the trigger. */
  readonly facts: TriggerFacts;
  readonly dueAt: number;
  /** Null while it waits for its turn, and for one that never began. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly state: RunState;
  /** A sentence; null where it simply went well. */
  readonly reason: string | null;
  readonly steps: readonly StepRecord[];
}

type NewStep = Pick<StepRecord, 'position' | 'path' | 'step' | 'device'> & { readonly at: number };

export interface StepRecord {
  /** In the order in which they began. */
  readonly position: number;
  /** Where it stands in the macro: `steps[2].then[0]`. */
  readonly path: string;
  readonly step: string;
  /** Null for a step that is about no device. */
  readonly device: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly state: StepState;
  readonly result: string | null;
  /** What it told later steps; null where nothing. */
  readonly output: OutputValues | null;
}

export type NewRun = Pick<RunRecord, 'id' | 'macro' | 'deviceId' | 'trigger' | 'dueAt' | 'key' | 'facts'>;

export interface RunFilter {
  readonly macro?: string;
  readonly device?: string;
  /** Only runs on these. */
  readonly devices?: readonly string[];
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

  /** False where this macro already has a run on this device for this occasion: then nothing was recorded. */
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

  async stepStarted(runId: string, step: NewStep): Promise<void> {
    await this.#insertStep(runId, step, { ended_at: null, state: 'running', result: null });
  }

  /** Records a step that was not done, with what decided so or what it would have done. */
  async stepSkipped(runId: string, step: NewStep & { readonly result: string }): Promise<void> {
    await this.#insertStep(runId, step, { ended_at: step.at, state: 'skipped', result: step.result });
  }

  async stepEnded(
    runId: string,
    step: { position: number; at: number; state: StepState; result: string; output?: OutputValues },
  ): Promise<void> {
    await this.#database.write([
      this.#database.query
        .updateTable('macro_step')
        .set({
          ended_at: step.at,
          state: step.state,
          result: step.result,
          output_json: step.output === undefined ? null : JSON.stringify(step.output),
        })
        .where('run_id', '=', runId)
        .where('position', '=', step.position),
    ]);
  }

  /** How many runs of a macro began on a device, or for the fleet, since a time; those that were skipped are none. */
  async countSince(macro: string, deviceId: number | null, since: number): Promise<number> {
    const [row] = await this.#database.read(
      this.#database.query
        .selectFrom('macro_run')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('macro', '=', macro)
        .where('device_id', deviceId === null ? 'is' : '=', deviceId)
        .where('due_at', '>', since)
        .where('state', '!=', 'skipped'),
    );
    return row?.count ?? 0;
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
      open.map((run) => runEvent(newRunOf(run), { at, state: 'interrupted', reason })),
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
    if (filter.devices !== undefined)
      query = query.where(
        sql<boolean>`device.name IN (SELECT value FROM json_each(${JSON.stringify(filter.devices)}))`,
      );
    if (filter.state !== undefined) query = query.where('macro_run.state', '=', filter.state);
    if (filter.before !== undefined) query = query.where('macro_run.id', '<', filter.before);
    return this.#withSteps(await this.#database.read(query, options), options);
  }

  /** Null where there is no run of this id. */
  async get(id: string, options: AbortOptions = {}): Promise<RunRecord | null> {
    const rows = await this.#database.read(this.#runs().where('macro_run.id', '=', id), options);
    return (await this.#withSteps(rows, options))[0] ?? null;
  }

  /** By its id, or by the end of it; the newest where several end so. Null where there is none. */
  async find(id: string, options: AbortOptions = {}): Promise<RunRecord | null> {
    const whole = await this.get(id, options);
    if (whole !== null || !/^[0-9a-f-]{4,36}$/.test(id)) return whole;
    const rows = await this.#database.read(
      this.#runs().where('macro_run.id', 'like', `%${id}`).orderBy('macro_run.id', 'desc').limit(1),
      options,
    );
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
      .leftJoin('device', 'device.id', 'macro_run.device_id')
      .selectAll('macro_run')
      .select('device.name as device');
  }

  async #insertStep(
    runId: string,
    { position, path, step, device, at }: NewStep,
    end: Pick<MacroStepTable, 'ended_at' | 'state' | 'result'>,
  ): Promise<void> {
    const row = { run_id: runId, position, path, step, device, started_at: at, output_json: null, ...end };
    await this.#database.write([this.#database.query.insertInto('macro_step').values(row)]);
  }

  async #insert(values: MacroRunTable): Promise<boolean> {
    const [result] = await this.#database.write([
      this.#database.query
        .insertInto('macro_run')
        .values(values)
        .onConflict((conflict) => conflict.doNothing()),
    ]);
    return result?.changes === 1;
  }
}

function row({ id, macro, deviceId, trigger, dueAt, key, facts }: NewRun) {
  return {
    id,
    macro,
    device_id: deviceId,
    trigger,
    due_at: dueAt,
    occasion: key,
    facts_json: JSON.stringify(facts),
  };
}

function newRunOf(run: MacroRunTable): NewRun {
  return {
    id: run.id,
    macro: run.macro,
    deviceId: run.device_id,
    trigger: run.trigger,
    dueAt: run.due_at,
    key: run.occasion,
    facts: JSON.parse(run.facts_json) as TriggerFacts,
  };
}

function runEvent(
  { id, macro, deviceId, trigger, dueAt }: NewRun,
  { at, state, reason }: { at: number; state: RunState; reason: string | null },
): NewEvent {
  return ownEvent({ deviceId, kind: 'run', payload: { id, macro, trigger, dueAt, state, reason }, at });
}

type RunRow = MacroRunTable & { readonly device: string | null };

function toRun(run: RunRow, steps: readonly StepRecord[]): RunRecord {
  return {
    ...newRunOf(run),
    device: run.device,
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
    path: step.path,
    step: step.step,
    device: step.device,
    startedAt: step.started_at,
    endedAt: step.ended_at,
    state: step.state,
    result: step.result,
    output: step.output_json === null ? null : (JSON.parse(step.output_json) as OutputValues),
  };
}
