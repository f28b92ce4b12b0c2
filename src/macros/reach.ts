import type { Fleet } from '../fleet/fleet.ts';
import { sectionOf } from '../fleet/section.ts';
import { devicesLike } from './devices.ts';
import { everyBlock } from './known-macros.ts';
import { macroSection } from './macro.ts';
import type { Macro } from './macro-schema.ts';
import { type Block, blocksOf, type ScriptNode } from './script.ts';
import { stepOf } from './steps/registry.ts';

/**
 * Names of the devices that a list of steps acts on besides its own, the
 * macros that it runs included. What a script will ask for nobody can tell.
 */
export function reachOf(block: Block, fleet: Fleet): string[] {
  const macros = sectionOf(fleet, macroSection) ?? [];
  const selectors = [...selectorsOf(block, macros)];
  return [...new Set(selectors.flatMap((selector) => devicesLike(selector, fleet).map(({ name }) => name)))];
}

function* selectorsOf(block: Block, macros: readonly Macro[]): Iterable<string> {
  for (const node of block) {
    yield* ownSelectors(node);
    for (const { block: inner } of blocksOf(node)) yield* selectorsOf(inner, macros);
    const run = node.kind === 'step' && node.name === 'run' ? node.args : null;
    const macro = macros.find(({ name }) => name === run);
    // No macro runs itself, also not over others: the loader refuses that.
    if (macro !== undefined) yield* selectorsOf(everyBlock(macro), macros);
  }
}

function ownSelectors(node: ScriptNode): readonly string[] {
  if (node.kind === 'each') return [node.devices];
  if (node.kind !== 'step') return [];
  const selector = stepOf(node.name).alsoOn?.(node.args) ?? null;
  return selector === null ? [] : [selector];
}
