import { ActionError } from '../action-error.ts';
import type { MacroPorts, RunView } from '../ports/macros.ts';
import type { Scope } from './scope.ts';

/**
 * Macros for the caller's devices, and runs on these. What is for the fleet as
 * a whole is not there for them; what goes to other devices than its own, or
 * sets off another macro, is not theirs to run.
 */
export function narrowedMacros(macros: MacroPorts, scope: Scope): MacroPorts {
  const show = ({ steps, ...run }: RunView): RunView => ({
    ...run,
    steps: steps.map((step) =>
      step.device === null || scope.has(step.device) ? step : { ...step, device: null },
    ),
  });
  const requireOwn = (macro: string): void => {
    if (macros.list().some(({ name, staysOnDevice }) => name === macro && !staysOnDevice))
      throw new ActionError('forbidden', `"${macro}" goes to other devices as well, which are not yours`);
  };
  const own = async (id: string): Promise<RunView | null> => {
    const run = await macros.get(id);
    return run === null || !scope.has(run.device) ? null : run;
  };
  const requireRun = async (id: string): Promise<RunView> => {
    const run = await own(id);
    if (run === null) throw new ActionError('not-found', `there is no run ${id}`);
    return run;
  };
  return {
    list: () =>
      macros
        .list()
        .map((macro) => ({ ...macro, devices: macro.devices.filter((name) => scope.has(name)) }))
        .filter(({ scope: of, devices }) => of === 'device' && devices.length > 0),
    runs: async (query) => (await macros.runs({ ...query, devices: [...scope.names] })).map(show),
    async get(id) {
      const run = await own(id);
      return run === null ? null : show(run);
    },
    async run(macro, device, how) {
      if (device === null)
        throw new ActionError(
          'forbidden',
          'you are limited to some devices: say on which the macro is to run',
        );
      scope.require(device);
      requireOwn(macro);
      return show(await macros.run(macro, device, how));
    },
    runStep: async (step, args, device, how) =>
      show(await macros.runStep(step, args, scope.require(device), how)),
    async runAgain(id, step, how) {
      const run = await requireRun(id);
      requireOwn(run.macro);
      return show(await macros.runAgain(run.id, step, how));
    },
    // Set off by a token of its own, at a door that takes no other.
    triggerTokens: () => [],
    setOff: () => Promise.reject(new ActionError('forbidden', 'a macro is set off by its own token')),
    cancel: async (id, actor) => macros.cancel((await requireRun(id)).id, actor),
  };
}
