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
 * takes a function \`call(kind, name, json, stack, room)\`, which returns the number of
 * the call, and what a script is given; texts are all that crosses the border.
 * A script that bends the builtins this relies on bends its own run alone: every
 * limit and every rule is kept on the other side.
 */
export const PRELUDE = `
(call, given) => {
  'use strict';
  const { macro, trigger, device, steps } = JSON.parse(given);
  const waiting = new Map();

  const ask = (kind, name, args, room = 0) => {
    const error = new Error();
    const json = JSON.stringify(args);
    const id = call(kind, name, json === undefined ? 'null' : json, error.stack, room);
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

  const stepsIn = (room) => Object.fromEntries(steps.map((name) => [name, (args) => ask('step', name, args, room)]));
  const roomWith = (facts, room) => ({
    ...facts,
    state: () => ask('state', '', null, room),
    occupancy: () => ask('occupancy', '', null, room),
  });

  let isEach = false;
  const each = async (devices, options, work) => {
    const error = new Error();
    const { parallel = 4, ...others } = options;
    if (Object.keys(others).length > 0 || !Number.isInteger(parallel) || parallel < 1 || parallel > 64)
      throw new TypeError('each takes { parallel }, a whole number of 1 to 64');
    if (typeof work !== 'function') throw new TypeError('each takes devices, { parallel } and a function');
    if (isEach) throw new TypeError('an each is under way: there is one at a time, and none within another');
    isEach = true;
    try {
      const left = [...(await devices)];
      const total = left.length;
      const failures = [];
      const worker = async () => {
        for (let facts = left.shift(); facts !== undefined; facts = left.shift()) {
          try {
            const room = await ask('enter', facts.name, null);
            try {
              await work(frozen(roomWith(facts, room)), frozen(stepsIn(room)));
            } finally {
              await ask('leave', '', null, room);
            }
          } catch (failure) {
            failures.push(facts.name + ': ' + (failure instanceof Error ? failure.message : String(failure)));
          }
        }
      };
      await Promise.all(Array.from({ length: Math.min(parallel, total) }, worker));
      if (failures.length > 0) {
        const message = failures.length + ' of ' + total + ' devices: ' + failures.slice(0, 5).join('; ');
        throw Object.assign(error, { name: 'StepError', code: 'failed', message });
      }
      return { devices: total, succeeded: total, failed: 0 };
    } finally {
      isEach = false;
    }
  };

  const step = stepsIn(0);
  const context = frozen({
    macro,
    trigger,
    room: device && roomWith(device, 0),
    devices: (selector) => ask('devices', '', selector),
    each,
    fleet: { state: () => ask('fleet', '', null) },
    step,
    wait: (time) => ask('step', 'wait', time),
    log: (...values) => void call('log', '', values.map(line).join(' '), new Error().stack, 0),
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
