import type { z } from 'zod';
import { words } from '../../fleet/schema-forms.ts';
import { didYouMean } from '../../lib/suggest.ts';
import {
  type CheckContext,
  type KnownMacro,
  type Step,
  StepError,
  type StepProblem,
  stepProblem,
} from '../step.ts';

const RunArguments = words({ description: 'The name of another macro.', examples: ['evening-off'] });

type RunArguments = z.output<typeof RunArguments>;

/** Runs another macro as a part of this run, and waits for its end. */
export const run: Step<RunArguments> = {
  name: 'run',
  summary: 'Runs another macro, on this device or for the fleet, and waits for its end.',
  page: {
    guards: [
      'The other macro has its own condition, deadline, rate and record. It takes no second turn on the device, and ends with the run that it is a part of.',
      'A macro that would run itself, also over others, is a problem of the file.',
    ],
    errors: ['cancelled: somebody, or a no in the room, ended it', 'failed: it failed'],
    example: `- run: evening-off
  as: inner
- log: "evening-off {{steps.inner.state}}"
`,
  },
  needsDevice: false,
  schema: RunArguments,
  outputs: { state: 'string', id: 'string' },
  mayCatchUp: false,

  check(name, context) {
    const known = context.macros.find((macro) => macro.name === name);
    if (known === undefined) {
      const names = context.macros.map((macro) => macro.name);
      return [stepProblem([], `there is no macro "${name}".${didYouMean(name, names)}`)];
    }
    const circle = circleOf(name, context);
    if (circle !== null) return [stepProblem([], `it would run itself without end: ${circle.join(' → ')}.`)];
    return [...checkScope(known, context), ...checkTargets(known, context), ...checkEnabled(known)];
  },

  waitMs: () => 0,
  describe: (name) => `run the macro ${name}`,

  async run({ runId, deviceName, turn, ports, signal, assertMayAct }, name) {
    assertMayAct();
    const { id, state, reason } = await ports.runMacro({
      macro: name,
      device: deviceName,
      runId,
      turn,
      signal,
    });
    signal.throwIfAborted();
    const why = reason === null ? '' : `: ${reason}`;
    switch (state) {
      case 'succeeded':
      case 'skipped':
        return {
          result: `the macro ${name} ${state}${why} (run ${id})`,
          output: { state, id },
        };
      case 'would-run':
        throw new StepError('held', `the macro ${name} did not run${why}`);
      case 'cancelled':
        throw new StepError('cancelled', `the macro ${name} was cancelled${why} (run ${id})`);
      default:
        throw new StepError('failed', `the macro ${name} failed${why} (run ${id})`);
    }
  },
};

/** The way on which this macro would come back to itself; null where there is none. */
function circleOf(name: string, { macro, macros }: CheckContext): string[] | null {
  const seen = new Set<string>();
  const walk = (at: string): string[] | null => {
    if (at === macro) return [at];
    if (seen.has(at)) return null;
    seen.add(at);
    for (const next of macros.find((one) => one.name === at)?.runs ?? []) {
      const rest = walk(next);
      if (rest !== null) return [at, ...rest];
    }
    return null;
  };
  const way = walk(name);
  return way === null ? null : [macro, ...way];
}

/** Whoever holds a device must not wait for the fleet: somebody there may wait for the device. */
function checkScope({ name, scope }: KnownMacro, { hasDevice }: CheckContext): StepProblem[] {
  if ((scope === 'device') === hasDevice) return [];
  return [
    stepProblem(
      [],
      hasDevice
        ? `"${name}" is for the fleet as a whole, and this step acts on a device: run it from a macro with \`scope: fleet\`.`
        : `"${name}" runs on a device: put it within an \`each\` that names devices.`,
    ),
  ];
}

function checkTargets({ name, scope, devices, targets }: KnownMacro, context: CheckContext): StepProblem[] {
  if (scope === 'fleet') return [];
  const other = context.targets.find((device) => !targets.includes(device.name));
  return other === undefined
    ? []
    : [stepProblem([], `"${name}" is for ${devices}, which does not name ${other.name}.`)];
}

function checkEnabled({ name, enabled }: KnownMacro): StepProblem[] {
  return enabled
    ? []
    : [{ path: [], severity: 'warning', message: `"${name}" says \`enabled: false\`, so this step fails.` }];
}
