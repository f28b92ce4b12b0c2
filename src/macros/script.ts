import type { StepName } from './steps/registry.ts';

/** Steps one after another. */
export type Block = readonly ScriptNode[];

/** One element of a list of steps: something that is done, or a way through others. */
export type ScriptNode = StepNode | IfNode | EachNode | WaitForNode | RetryNode;

interface Common {
  /** A name by which later steps see what it told. */
  readonly as: string | null;
  /** What is done where it fails, and then the run goes on; null: the run fails. */
  readonly onError: Block | null;
}

/** A step, with the arguments that its own schema read. */
export interface StepNode extends Common {
  readonly kind: 'step';
  readonly name: StepName;
  readonly args: unknown;
  /** A condition without which it is left out. */
  readonly only: string | null;
}

export interface IfNode {
  readonly kind: 'if';
  readonly condition: string;
  readonly then: Block;
  readonly else: Block;
}

/** The same on several devices, some at a time. */
export interface EachNode extends Common {
  readonly kind: 'each';
  readonly devices: string;
  readonly parallel: number;
  readonly steps: Block;
}

/** Until a condition is true, or its time is over. */
export interface WaitForNode extends Common {
  readonly kind: 'waitFor';
  readonly condition: string;
  readonly withinMs: number;
  /** Whether the run goes on where the time is over. */
  readonly mayTimeOut: boolean;
}

/** Again where a step of it fails. */
export interface RetryNode extends Common {
  readonly kind: 'retry';
  readonly times: number;
  readonly everyMs: number;
  readonly steps: Block;
}

export const CONTROL = ['if', 'each', 'waitFor', 'retry'] as const;

/** What the named kinds tell besides steps. */
export const CONTROL_OUTPUTS = {
  waitFor: { met: 'bool' },
  each: { devices: 'int', succeeded: 'int', failed: 'int' },
  retry: { attempts: 'int' },
} as const;

/** The blocks within a node, each with its place there as the file has it. */
export function blocksOf(node: ScriptNode): { readonly path: readonly string[]; readonly block: Block }[] {
  const onError =
    node.kind === 'if' || node.onError === null ? [] : [{ path: ['onError'], block: node.onError }];
  switch (node.kind) {
    case 'if':
      return [
        { path: ['then'], block: node.then },
        { path: ['else'], block: node.else },
      ];
    case 'each':
      return [{ path: ['each', 'steps'], block: node.steps }, ...onError];
    case 'retry':
      return [{ path: ['retry', 'steps'], block: node.steps }, ...onError];
    default:
      return onError;
  }
}

/** Every step of some blocks and of the blocks within, in the order in which they stand. */
export function* stepsOf(block: Block): Iterable<StepNode> {
  for (const node of block) {
    if (node.kind === 'step') yield node;
    for (const { block: inner } of blocksOf(node)) yield* stepsOf(inner);
  }
}
