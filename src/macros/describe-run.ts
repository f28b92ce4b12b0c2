import type { DesiredDevice } from '../fleet/fleet.ts';
import type { Clock } from '../lib/clock.ts';
import type { BoundMacro } from './bind.ts';
import { devicesLike } from './devices.ts';
import type { Macro } from './macro-schema.ts';
import type { Block, ScriptNode } from './script.ts';
import type { StepLog } from './step-log.ts';
import { stepOf } from './steps/registry.ts';
import { type TemplateValues, templateValues } from './template.ts';
import type { Occasion } from './trigger.ts';

interface Described {
  readonly bound: BoundMacro;
  readonly device: DesiredDevice | null;
  readonly occasion: Occasion;
}

/** Records what each step of a run would do, on every way that it could take. */
export async function describeRun(
  { bound, device, occasion }: Described,
  { log, clock, wall }: { log: StepLog; clock: Clock; wall: number },
): Promise<void> {
  const { macro } = bound;
  const values = templateValues({
    device,
    macro: macro.name,
    wall,
    trigger: occasion.facts,
    outputs: new Map(),
    fleet: null,
  });
  const lines = [
    ...scriptLines(macro),
    ...blockLines(macro.steps, { path: 'steps', when: '', bound, values }),
    ...blockLines(macro.onError ?? [], { path: 'onError', when: 'where a step fails: ', bound, values }),
    ...blockLines(macro.finally ?? [], { path: 'finally', when: 'at the end: ', bound, values }),
  ];
  for (const { path, step, result } of lines)
    await log.passed({ path, step, result, device: device?.name ?? null, at: clock.now() });
}

/** What a script would do shows only when it does it. */
function scriptLines({ script }: Macro): Line[] {
  return script === undefined
    ? []
    : [{ path: script, step: 'script', result: `would run the script ${script}` }];
}

interface Line {
  readonly path: string;
  readonly step: string;
  readonly result: string;
}

interface Within {
  readonly path: string;
  /** Words that say on which way this lies. */
  readonly when: string;
  readonly bound: BoundMacro;
  readonly values: TemplateValues;
}

function blockLines(block: Block, within: Within): Line[] {
  return block.flatMap((node, at) => nodeLines(node, { ...within, path: `${within.path}[${at}]` }));
}

function nodeLines(node: ScriptNode, within: Within): Line[] {
  const { path, when, values, bound } = within;
  const inner = (block: Block, place: string, words: string): Line[] =>
    blockLines(block, { ...within, path: `${path}.${place}`, when: `${when}${words}` });
  const onError =
    node.kind === 'if' || node.onError === null ? [] : inner(node.onError, 'onError', 'where that fails: ');
  switch (node.kind) {
    case 'if':
      return [
        ...inner(node.then, 'then', `if ${node.condition}: `),
        ...inner(node.else, 'else', `unless ${node.condition}: `),
      ];
    case 'waitFor':
      return [{ path, step: 'waitFor', result: `${when}would wait until ${node.condition}` }, ...onError];
    case 'retry':
      return [...inner(node.steps, 'retry.steps', `up to ${node.times} times: `), ...onError];
    case 'each': {
      const count = devicesLike(node.devices, bound.fleet).length;
      return [...inner(node.steps, 'each.steps', `on each of ${count} devices: `), ...onError];
    }
    default: {
      const only = node.only === null ? '' : `if ${node.only}: `;
      const result = `${when}${only}would ${stepOf(node.name).describe(node.args, { values })}`;
      return [{ path, step: node.name, result }, ...onError];
    }
  }
}
