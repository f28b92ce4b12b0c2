import { ActionError } from '../actions/action.ts';
import type { MacroPorts, RunView } from '../actions/ports/macros.ts';
import type { Clock } from '../lib/clock.ts';
import { zoneClocks } from '../lib/zone.ts';
import { bindMacros, watchedOf } from '../macros/bind.ts';
import type { LaunchedRun } from '../macros/due-run.ts';
import type { MacroEngine } from '../macros/engine.ts';
import { MacroError } from '../macros/macro-error.ts';
import { nextRunsOf, summariesOf } from '../macros/macro-summary.ts';
import { type RunFilter, type RunRecord, RunStore } from '../macros/run-store.ts';
import type { Engine } from './engine.ts';

/** Macros as the verbs see them. */
export function macroPorts(macros: MacroEngine): MacroPorts {
  return {
    list: () => macros.macros(),
    runs: async (query) => (await macros.runs(filterOf(query))).map(runView),
    get: async (id) => {
      const run = await macros.find(id);
      return run === null ? null : runView(run);
    },
    run: (macro, device, how) => ended(macros, () => macros.runNow(macro, device, how)),
    runStep: (step, args, device, { actor }) =>
      ended(macros, () => macros.runStep(step, args, device, actor)),
    runAgain: (id, step, { actor }) => ended(macros, () => macros.runAgain(id, step, actor)),
    triggerTokens: (macro) => macros.triggerTokens(macro),
    setOff: (macro, about) => refusing(() => macros.setOff(macro, about)),
    cancel: (id, actor) => macros.cancel(id, actor),
  };
}

/** Without a daemon nothing runs; the file and the record can be looked at all the same. */
export function recordedMacros(
  engine: Engine,
  { clock, refuse }: { clock: Clock; refuse: () => never },
): MacroPorts {
  const store = new RunStore({ database: engine.database });
  return {
    list() {
      const bound = bindMacros(engine.fleet);
      return summariesOf(bound, nextRunsOf(watchedOf(bound, zoneClocks()), clock.now()));
    },
    runs: async (query) => (await store.list(filterOf(query))).map(runView),
    get: async (id) => {
      const run = await store.find(id);
      return run === null ? null : runView(run);
    },
    run: refuse,
    runStep: refuse,
    runAgain: refuse,
    triggerTokens: () => [],
    setOff: refuse,
    cancel: refuse,
  };
}

function filterOf({
  macro,
  device,
  devices,
  state,
  limit,
  cursor,
}: Parameters<MacroPorts['runs']>[0]): RunFilter {
  return {
    limit,
    ...(macro === null ? {} : { macro }),
    ...(device === null ? {} : { device }),
    ...(state === null ? {} : { state }),
    ...(devices === undefined ? {} : { devices }),
    ...(cursor === null ? {} : { before: cursor }),
  };
}

function ended(macros: MacroEngine, launch: () => Promise<LaunchedRun>): Promise<RunView> {
  return refusing(async () => {
    const launched = await launch();
    await launched.ended;
    const run = await macros.run(launched.id);
    if (run === null) throw new ActionError('not-found', `there is no run ${launched.id}`);
    return runView(run);
  });
}

/** What the macros refuse is for the caller to mend, not a failure of roomd. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MacroError) throw new ActionError('conflict', error.message, { cause: error });
    throw error;
  }
}

function runView(run: RunRecord): RunView {
  const { id, macro, device, trigger, facts, dueAt, startedAt, endedAt, state, reason } = run;
  const steps = run.steps.map(({ position: _position, output: _output, ...step }) => step);
  return { id, macro, device, trigger, facts, dueAt, startedAt, endedAt, state, reason, steps };
}
