import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import { gravityOfMiss, parseSelector, SelectorError, select, unknownNames } from '../fleet/selector.ts';
import { checkCondition } from './condition-check.ts';
import { type Block, blocksOf, CONTROL_OUTPUTS, type ScriptNode } from './script.ts';
import { type CheckContext, type KnownMacro, type StepProblem, stepProblem } from './step.ts';
import { stepOf } from './steps/registry.ts';
import { templateNames } from './template.ts';
import { languageOf, type Outputs } from './vocabulary.ts';

type Path = readonly (string | number)[];

/** Where in a macro a check has come to; what steps tell and are called adds up on the way. */
export interface Walk {
  readonly fleet: Fleet;
  readonly unmuted: boolean;
  /** The macro's name, and what is known of all. */
  readonly macro: string;
  readonly macros: readonly KnownMacro[];
  /** The devices that steps act on here; null: none, as the run is for the fleet as a whole. */
  readonly targets: readonly DesiredDevice[] | null;
  readonly isWithinEach: boolean;
  readonly outputs: Record<string, Outputs[string]>;
  readonly earlier: string[];
}

/** Everything wrong with a list of steps and with those within. */
export function checkBlock(block: Block, path: Path, walk: Walk): StepProblem[] {
  return block.flatMap((node, at) => checkNode(node, [...path, at], walk));
}

/** The condition of a macro or of a step, at a place where these names are known. */
export function checkConditionAt(text: string, path: Path, { targets, outputs }: Walk): StepProblem[] {
  const language = languageOf({ hasDevice: targets !== null, outputs });
  return checkCondition(text, language).map((message) => stepProblem(path, message));
}

function checkNode(node: ScriptNode, path: Path, walk: Walk): StepProblem[] {
  switch (node.kind) {
    case 'if':
      return [...checkConditionAt(node.condition, [...path, 'if'], walk), ...checkWithin(node, path, walk)];
    case 'waitFor':
      return [
        ...checkConditionAt(node.condition, [...path, 'waitFor', 'condition'], walk),
        ...checkWithin(node, path, walk),
        ...named(node, path, walk),
      ];
    case 'retry':
      return [...checkWithin(node, path, walk), ...named(node, path, walk)];
    case 'each':
      return checkEach(node, path, walk);
    default:
      return checkStep(node, path, walk);
  }
}

function checkWithin(node: ScriptNode, path: Path, walk: Walk): StepProblem[] {
  return blocksOf(node).flatMap(({ path: within, block }) => checkBlock(block, [...path, ...within], walk));
}

function checkEach(node: Extract<ScriptNode, { kind: 'each' }>, path: Path, walk: Walk): StepProblem[] {
  const { targets, problems } = devicesOf(node.devices, walk.fleet);
  const nested = walk.isWithinEach
    ? [stepProblem([...path, 'each'], 'it stands within another each: name all devices in one selector.')]
    : [];
  const [steps, ...others] = blocksOf(node);
  const inner = { ...walk, targets, isWithinEach: true, outputs: { ...walk.outputs } };
  return [
    ...problems.map((problem) => ({ ...problem, path: [...path, 'each', 'devices'] })),
    ...nested,
    // What steps tell on one of several devices is known to the steps of that device alone.
    ...(steps === undefined ? [] : checkBlock(steps.block, [...path, ...steps.path], inner)),
    ...others.flatMap(({ path: within, block }) => checkBlock(block, [...path, ...within], walk)),
    ...named(node, path, walk),
  ];
}

function checkStep(node: Extract<ScriptNode, { kind: 'step' }>, path: Path, walk: Walk): StepProblem[] {
  const step = stepOf(node.name);
  const { fleet, macro, macros, targets, unmuted, outputs, earlier } = walk;
  const context: CheckContext = {
    fleet,
    macro,
    macros,
    hasDevice: targets !== null,
    targets: targets ?? [],
    unmuted,
    names: templateNames(outputs),
    earlier: [...earlier],
  };
  earlier.push(node.name);
  return [
    ...(step.needsDevice && targets === null
      ? [
          stepProblem(
            [...path, node.name],
            `${node.name} acts on a device, and the macro says \`scope: fleet\`: put it within an \`each\` that names devices.`,
          ),
        ]
      : []),
    ...(node.only === null ? [] : checkConditionAt(node.only, [...path, 'if'], walk)),
    ...step
      .check(node.args, context)
      .map((problem) => ({ ...problem, path: [...path, node.name, ...problem.path] })),
    ...checkWithin(node, path, walk),
    ...named(node, path, walk),
  ];
}

/** Takes up a name that later steps may use. */
function named(node: Exclude<ScriptNode, { kind: 'if' }>, path: Path, { outputs }: Walk): StepProblem[] {
  if (node.as === null) return [];
  const told = node.kind === 'step' ? stepOf(node.name).outputs : CONTROL_OUTPUTS[node.kind];
  const what = node.kind === 'step' ? node.name : node.kind;
  if (told === undefined)
    return [
      stepProblem([...path, 'as'], `a ${what} step tells nothing that could have a name; leave \`as\` out.`),
    ];
  if (outputs[node.as] !== undefined)
    return [stepProblem([...path, 'as'], `"${node.as}" is the name of an earlier step; give each its own.`)];
  outputs[node.as] = told;
  return [];
}

/** The devices of a selector, with what is wrong with it; paths are the caller's to put in. */
export function devicesOf(
  text: string,
  fleet: Fleet,
): { targets: readonly DesiredDevice[]; problems: StepProblem[] } {
  try {
    const selector = parseSelector(text);
    const targets = select(selector, fleet.devices);
    const problems: StepProblem[] = unknownNames(selector, fleet.devices).map(({ message }) => ({
      path: [],
      severity: gravityOfMiss(fleet),
      message,
    }));
    if (targets.length === 0 && problems.length === 0)
      problems.push({ path: [], severity: 'warning', message: 'no device fits, so nothing ever happens.' });
    return { targets, problems };
  } catch (error) {
    if (error instanceof SelectorError) return { targets: [], problems: [stepProblem([], error.message)] };
    throw error;
  }
}

/** The longest that a list of steps waits by what it says, in milliseconds; `devices` is how many an each names. */
export function longestWaitMs(block: Block, countOf: (selector: string) => number): number {
  return block.reduce((total, node) => total + longestOf(node, countOf), 0);
}

function longestOf(node: ScriptNode, countOf: (selector: string) => number): number {
  const onError = node.kind === 'if' || node.onError === null ? 0 : longestWaitMs(node.onError, countOf);
  switch (node.kind) {
    case 'step':
      return stepOf(node.name).waitMs(node.args) + onError;
    case 'if':
      return Math.max(longestWaitMs(node.then, countOf), longestWaitMs(node.else, countOf));
    case 'waitFor':
      return node.withinMs + onError;
    case 'retry':
      return node.times * longestWaitMs(node.steps, countOf) + (node.times - 1) * node.everyMs + onError;
    default:
      return Math.ceil(countOf(node.devices) / node.parallel) * longestWaitMs(node.steps, countOf) + onError;
  }
}
