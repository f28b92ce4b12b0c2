import type { DesiredDevice } from '../fleet/fleet.ts';
import { didYouMean } from '../lib/suggest.ts';
import type { OutputValues } from './condition.ts';
import type { FleetFacts } from './ports.ts';
import type { TriggerFacts } from './trigger.ts';
import type { Outputs } from './vocabulary.ts';

/** What `{{name}}` may stand for in texts of macros. */
export type TemplateValues = ReadonlyMap<string, string>;

/** The names that a text may have filled in, besides those of its devices. */
export type TemplateNames = readonly string[];

const FILLED_IN = /\{\{\s*([^{}]*?)\s*\}\}/g;
const TRIGGER = ['kind', 'value', 'path', 'id', 'by'] as const;
const FLEET = [
  'devices',
  'up',
  'unreachable',
  'inCall',
  'occupied',
  'openAlerts',
  'unreachableNames',
] as const;

export interface TemplateFacts {
  /** Null in a run for the fleet as a whole. */
  readonly device: DesiredDevice | null;
  readonly macro: string;
  readonly wall: number;
  readonly trigger: TriggerFacts;
  readonly outputs: ReadonlyMap<string, OutputValues>;
  /** Needed where a text names it. */
  readonly fleet: FleetFacts | null;
}

/** The values for one device, or for the fleet; `localTime` is `08:55`, `localDate` `2026-11-23`. */
export function templateValues({
  device,
  macro,
  wall,
  trigger,
  outputs,
  fleet,
}: TemplateFacts): TemplateValues {
  const local = new Date(wall).toISOString();
  return new Map([
    ...(device === null ? [] : deviceValues(device)),
    ['macro.name', macro],
    ['localTime', local.slice(11, 16)],
    ['localDate', local.slice(0, 10)],
    ...TRIGGER.map((name) => [`trigger.${name}`, trigger[name]] as const),
    ...FLEET.map((name) => [`fleet.${name}`, fleet === null ? '' : String(fleet[name])] as const),
    ...[...outputs].flatMap(([step, fields]) =>
      Object.entries(fields).map(([field, value]) => [`steps.${step}.${field}`, String(value)] as const),
    ),
  ]);
}

/** Names that every macro has, and those of the steps before. */
export function templateNames(outputs: Outputs): TemplateNames {
  return [
    'macro.name',
    'localTime',
    'localDate',
    ...TRIGGER.map((name) => `trigger.${name}`),
    ...FLEET.map((name) => `fleet.${name}`),
    ...Object.entries(outputs).flatMap(([step, fields]) =>
      Object.keys(fields).map((field) => `steps.${step}.${field}`),
    ),
  ];
}

/** Whether something within holds a text that has the fleet's figures filled in. */
export function namesFleet(args: unknown): boolean {
  return /\{\{\s*fleet\./.test(JSON.stringify(args) ?? '');
}

/** Puts values in place of `{{name}}`; `checkTemplate` ruled out names that stand for nothing. */
export function expandTemplate(text: string, values: TemplateValues): string {
  return text.replace(FILLED_IN, (whole, name: string) => values.get(name) ?? whole);
}

interface Users {
  /** None where the text belongs to no device. */
  readonly targets: readonly DesiredDevice[];
  readonly names: TemplateNames;
}

/** What is wrong with the names that a text has filled in, for the devices it is to be used on; empty where all is well. */
export function checkTemplate(text: string, { targets, names }: Users): string[] {
  const problems: string[] = [];
  for (const [whole, name = ''] of text.matchAll(FILLED_IN)) {
    if (names.includes(name)) continue;
    const lacking = targets.filter((device) => !namesOf(device).includes(name));
    const [first = null] = lacking;
    if (first === null && targets.length > 0) continue;
    const known = [...(first === null ? [] : namesOf(first)), ...names];
    problems.push(
      first !== null && name.startsWith('tags.') && lacking.length < targets.length
        ? `${whole} stands for nothing on ${first.name}, which has no tag "${name.slice('tags.'.length)}"`
        : `${whole} stands for nothing; known are ${known.map((one) => `{{${one}}}`).join(', ')}.${didYouMean(name, known)}`,
    );
  }
  return problems;
}

/** How long the text gets on the device where it gets longest, in UTF-8 bytes; what only a run knows counts nothing. */
export function longestBytes(text: string, targets: readonly DesiredDevice[]): number {
  const without = (values: TemplateValues): number =>
    Buffer.byteLength(text.replace(FILLED_IN, (_, name: string) => values.get(name) ?? ''));
  return Math.max(...[new Map(), ...targets.map((device) => new Map(deviceValues(device)))].map(without));
}

function deviceValues(device: DesiredDevice): (readonly [string, string])[] {
  return [
    ['device.name', device.name],
    ['device.kind', device.kind ?? 'unknown'],
    ['device.timezone', device.timezone],
    ...Object.entries(device.tags).map(([tag, value]) => [`tags.${tag}`, value] as const),
  ];
}

function namesOf(device: DesiredDevice): string[] {
  return deviceValues(device).map(([name]) => name);
}
