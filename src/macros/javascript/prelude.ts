/** The one module that a script can import. */
export const ROOMD_MODULE = `
export function defineMacro(macro) {
  if (typeof macro !== 'object' || macro === null || typeof macro.run !== 'function')
    throw new TypeError('defineMacro takes { async run(context) { … } }');
  const other = Object.keys(macro).find((key) => key !== 'run');
  if (other !== undefined)
    throw new TypeError('defineMacro knows no "' + other + '": all but run is said in the fleet file');
  return macro;
}
`;

/**
 * Runs inside the sandbox before the script and gives it what it may call. It
 * takes a function \`call(kind, name, json, stack)\`, which returns the number of
 * the call, and what a script is given; texts are all that crosses the border.
 * A script that bends the builtins this relies on bends its own run alone: every
 * limit and every rule is kept on the other side.
 */
export const PRELUDE = `
(call, given) => {
  'use strict';
  const { macro, trigger, device, steps } = JSON.parse(given);
  const waiting = new Map();

  const ask = (kind, name, args) => {
    const error = new Error();
    const json = JSON.stringify(args);
    const id = call(kind, name, json === undefined ? 'null' : json, error.stack);
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject, error }));
  };

  const settle = (id, isDone, json) => {
    const { resolve, reject, error } = waiting.get(id);
    waiting.delete(id);
    const told = JSON.parse(json);
    if (isDone) resolve(told);
    else reject(Object.assign(error, { name: 'StepError', ...told }));
  };

  const line = (value) => {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return String(value);
    const json = JSON.stringify(value);
    return json === undefined ? String(value) : json;
  };

  const frozen = (value) => {
    if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
    return value;
  };

  const step = Object.fromEntries(steps.map((name) => [name, (args) => ask('step', name, args)]));
  const context = frozen({
    macro,
    trigger,
    room: device && { ...device, state: () => ask('state', '', null), occupancy: () => ask('occupancy', '', null) },
    fleet: { state: () => ask('fleet', '', null) },
    step,
    wait: (time) => ask('step', 'wait', time),
    log: (...values) => void call('log', '', values.map(line).join(' '), new Error().stack),
  });

  const macroOf = async (exported) => {
    const { default: found } = await exported;
    if (typeof found !== 'object' || found === null || typeof found.run !== 'function')
      throw new TypeError('it exports no macro: write export default defineMacro({ async run(context) { … } })');
    return found;
  };

  return { settle, here: () => new Error().stack, check: macroOf, run: async (exported) => void (await (await macroOf(exported)).run(context)) };
}
`;
