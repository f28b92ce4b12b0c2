import type { Fleet } from '../fleet/fleet.ts';
import { devicesOf } from './devices.ts';
import type { Macro } from './macro-schema.ts';
import { type Block, blocksOf, type StepNode, stepsOf } from './script.ts';
import type { KnownMacro } from './step.ts';

/** The macros of a file as each of them sees the others. */
export function knownMacros(macros: readonly Macro[], fleet: Fleet): KnownMacro[] {
  return macros.map((macro) => knownOf(macro, fleet));
}

/** Every step of a macro, those for failures and for its end included. */
export function allSteps(macro: Macro): StepNode[] {
  return [...stepsOf(everyBlock(macro))];
}

/** All lists of steps of a macro as one. */
export function everyBlock({ steps, onError = [], finally: last = [] }: Macro): Block {
  return [...steps, ...onError, ...last];
}

/** Whether a run acts on nothing but its own device: it goes to no other, and sets off no other macro. */
export function staysOnDevice(macro: Macro): boolean {
  const { steps, onError = [], finally: last = [] } = macro;
  return (
    macro.scope === 'device' &&
    macro.script === undefined &&
    ![steps, onError, last].some(hasEach) &&
    !allSteps(macro).some(reachesOut)
  );
}

function reachesOut({ name, args }: StepNode): boolean {
  return name === 'run' || (typeof args === 'object' && args !== null && 'devices' in args);
}

function hasEach(block: Block): boolean {
  return block.some((node) => node.kind === 'each' || blocksOf(node).some((inner) => hasEach(inner.block)));
}

function knownOf(macro: Macro, fleet: Fleet): KnownMacro {
  const { name, scope, enabled, devices } = macro;
  const targets = devicesOf(devices, fleet).targets.map((device) => device.name);
  const runs = allSteps(macro).flatMap(({ name: step, args }) => (step === 'run' ? [String(args)] : []));
  return { name, scope, enabled, devices, targets, runs };
}
