import type { z } from 'zod';
import type { DeviceFacts, FleetFacts } from './facts.ts';

export type Severity = 'info' | 'warning' | 'critical';

/**
 * One thing that people should hear of. This is the place to add another: a
 * file in `rules/` that fills this interface, a line in `rules/registry.ts`,
 * and a heading in docs/alerts.md.
 *
 * A rule is pure and looks at everything anew each time: it says what is wrong
 * now, never what changed. Watching periods, silence, threads and the record
 * are not its business.
 *
 * @example
 * export const fanStuck = defineRule({
 *   name: 'fan-stuck',
 *   summary: 'A fan of the device does not turn.',
 *   severity: 'warning',
 *   forMs: 600_000,
 *   clearMs: 60_000,
 *   options: {},
 *   look: ({ devices }) => eachDevice(devices, (device) => …),
 * });
 */
export interface Rule {
  /** As in `alerts.rules` of the file. */
  readonly name: string;
  /** One sentence for the editor's help. */
  readonly summary: string;
  readonly severity: Severity;
  /** How long it must be so before an alert opens. */
  readonly forMs: number;
  /** How long it must be over before the alert is resolved. */
  readonly clearMs: number;
  /** What the file may say of this rule besides what it may say of all. */
  readonly options: z.ZodRawShape;
  look(facts: FleetFacts, context: RuleContext): Verdict;
}

export interface RuleContext {
  /** The file's options of this rule, as its `options` read them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly siteOutage: SiteOutage;
  /** Whether an alert of that rule and key is open. */
  isOpen(rule: string, key: string): boolean;
}

/** How devices belong to sites, and when a site counts as out. */
export interface SiteOutage {
  /** Name of the tag. */
  readonly by: string;
  /** From 0 to 1. */
  readonly share: number;
  readonly least: number;
}

/** What a rule found. What it neither found nor calls unjudged is well. */
export interface Verdict {
  readonly findings: readonly Finding[];
  /** Devices and keys of which nothing can be said now: their alerts stay as they are. */
  readonly unjudged: { readonly devices: ReadonlySet<number>; readonly keys: ReadonlySet<string> };
}

export interface Finding {
  /** Names the trouble within the rule; the same as long as it lasts. */
  readonly key: string;
  /** Null where it is about no single device. */
  readonly deviceId: number | null;
  /** The same in words: a device's name, `site oslo`, `roomd`. */
  readonly about: string;
  /** Names of the devices concerned; a maintenance of all of them silences it. */
  readonly devices: readonly string[];
  /** One line: `boardroom-1 is offline`. */
  readonly title: string;
  /** The title once it is over: `boardroom-1 is back`. */
  readonly cleared: string;
  /** What is wrong, in a sentence or two. */
  readonly detail: string;
  /** What to do about it, in a sentence. */
  readonly remedy: string;
  /** Where it differs from the rule's. */
  readonly severity?: Severity;
  /** It is part of this larger trouble, which tells of it. */
  readonly partOf?: { readonly rule: string; readonly key: string };
}

/** A rule whose options are typed by their schema. */
export function defineRule<Shape extends z.ZodRawShape>(
  rule: Omit<Rule, 'options' | 'look'> & {
    readonly options: Shape;
    look(
      facts: FleetFacts,
      context: Omit<RuleContext, 'options'> & { readonly options: z.output<z.ZodObject<Shape>> },
    ): Verdict;
  },
): Rule & { readonly options: Shape } {
  return {
    ...rule,
    // The section's schema made these options with this very shape.
    look: (facts, context) =>
      rule.look(facts, { ...context, options: context.options as z.output<z.ZodObject<Shape>> }),
  };
}

/** A verdict device by device; `judge` answers null where it cannot tell. */
export function eachDevice(
  devices: readonly DeviceFacts[],
  judge: (device: DeviceFacts) => readonly DeviceFinding[] | null,
): Verdict {
  const findings: Finding[] = [];
  const unjudged = new Set<number>();
  for (const device of devices) {
    const found = judge(device);
    if (found === null) unjudged.add(device.id);
    else for (const one of found) findings.push(aboutDevice(device, one));
  }
  return { findings, unjudged: { devices: unjudged, keys: new Set() } };
}

/** A finding about one device; `key` only where a device can have several of one rule. */
export type DeviceFinding = Omit<Finding, 'key' | 'deviceId' | 'about' | 'devices'> & {
  readonly key?: string;
};

function aboutDevice({ id, name }: DeviceFacts, { key, ...finding }: DeviceFinding): Finding {
  return {
    ...finding,
    key: key === undefined ? String(id) : `${id}/${key}`,
    deviceId: id,
    about: name,
    devices: [name],
  };
}

/** A verdict about roomd itself. */
export function aboutRoomd(findings: readonly Omit<Finding, 'deviceId' | 'about' | 'devices'>[]): Verdict {
  return {
    findings: findings.map((finding) => ({ ...finding, deviceId: null, about: 'roomd', devices: [] })),
    unjudged: { devices: new Set(), keys: new Set() },
  };
}

/** Whether the device is heard now, so that what it tells of itself can be believed. */
export function isHeard({ session }: DeviceFacts): boolean {
  return session !== null && (session.state === 'up' || session.state === 'up-https');
}
