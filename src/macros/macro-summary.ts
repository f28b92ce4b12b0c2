import { formatWall } from '../lib/zone.ts';
import type { BoundMacro } from './bind.ts';
import { staysOnDevice } from './known-macros.ts';
import { schedulesOf } from './macro-schema.ts';
import { nextRun } from './next-run.ts';
import type { ScriptNode } from './script.ts';
import type { Watched } from './tick.ts';
import { triggerWords } from './trigger-words.ts';

export interface NextRun {
  readonly macro: string;
  /** Null for a run that is for the fleet as a whole. */
  readonly device: string | null;
  /** UTC milliseconds. */
  readonly dueAt: number;
  /** The same on the wall of `timezone`: `2026-11-24 08:55`. */
  readonly local: string;
  readonly timezone: string;
}

export interface MacroSummary {
  readonly name: string;
  readonly description: string | null;
  readonly enabled: boolean;
  readonly scope: 'device' | 'fleet';
  readonly schedule: readonly string[];
  /** The kinds of all that sets it off. */
  readonly triggers: readonly string[];
  /** The same in words for people. */
  readonly when: readonly string[];
  readonly if: string | null;
  /** As the file has it. */
  readonly selector: string;
  /** Its steps in words, from the first on; a script has none. */
  readonly steps: readonly string[];
  readonly devices: readonly string[];
  /** A run acts on nothing but its own device. */
  readonly staysOnDevice: boolean;
  /** The next minute at which it is due on any device, UTC milliseconds. */
  readonly nextAt: number | null;
}

/** What is due next, per macro and device, soonest first. */
export function nextRunsOf(watched: readonly Watched[], now: number): NextRun[] {
  const next = watched.flatMap(({ macro, schedules, groups }) =>
    groups.flatMap(({ zone, devices }) => {
      const dueAt = nextRun(schedules, zone, now);
      if (dueAt === null) return [];
      const local = formatWall(zone.wallAt(dueAt));
      return devices.map((device) => ({ macro, device, dueAt, local, timezone: zone.name }));
    }),
  );
  return next.sort((a, b) => a.dueAt - b.dueAt);
}

/** The macros in the file's order. */
export function summariesOf(bound: readonly BoundMacro[], next: readonly NextRun[]): MacroSummary[] {
  return bound.map(({ macro, targets }) => ({
    name: macro.name,
    description: macro.description ?? null,
    enabled: macro.enabled,
    scope: macro.scope,
    schedule: schedulesOf(macro),
    triggers: [...new Set((macro.when ?? []).map(({ kind }) => kind))],
    when: (macro.when ?? []).map(triggerWords),
    if: macro.if ?? null,
    selector: macro.devices,
    steps: macro.steps.map(nodeWords),
    devices: targets.map(({ name }) => name),
    staysOnDevice: staysOnDevice(macro),
    nextAt: next.find((one) => one.macro === macro.name)?.dueAt ?? null,
  }));
}

function nodeWords(node: ScriptNode): string {
  if (node.kind === 'if') return `if ${node.condition}`;
  return node.kind === 'step' ? node.name : node.kind;
}
