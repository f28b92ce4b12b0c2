import { createHash } from 'node:crypto';
import type { MqttSettings } from './mqtt-section.ts';

/** Where things lie at the broker. */
export type Where = Pick<MqttSettings, 'prefix' | 'discovery'>;

/** The facts of a room that have a topic of their own; sensors come on top. */
export const FACTS = [
  'availability',
  'presence',
  'people',
  'call',
  'standby',
  'session',
  'connectivity',
] as const;
export type Fact = (typeof FACTS)[number];

/** Whether roomd itself is there; the broker says `offline` for it when it is cut off. */
export function statusTopic({ prefix }: Where): string {
  return `${prefix}/status`;
}

export function factTopic({ prefix }: Where, device: string, fact: Fact): string {
  return `${prefix}/${device}/${fact}`;
}

/** @param sensor as `sensorKey` makes it */
export function sensorTopic({ prefix }: Where, device: string, sensor: string): string {
  return `${prefix}/${device}/sensor/${sensor}`;
}

export function commandTopic({ prefix }: Where, device: string, command: string): string {
  return `${prefix}/${device}/command/${command}`;
}

export function resultTopic({ prefix }: Where, device: string): string {
  return `${prefix}/${device}/result`;
}

/** Device and command that a topic names; null for any other topic. */
export function commandAt({ prefix }: Where, topic: string): { device: string; command: string } | null {
  if (!topic.startsWith(`${prefix}/`)) return null;
  const [device, word, command, ...rest] = topic.slice(prefix.length + 1).split('/');
  if (device === undefined || word !== 'command' || command === undefined || rest.length > 0) return null;
  return { device, command };
}

/** Where the description of a device lies for Home Assistant, whole in one document; null where it gets none. */
export function discoveryTopic(where: Where, device: string): string | null {
  return where.discovery === null ? null : `${where.discovery}/device/${objectId(where, device)}/config`;
}

/** Home Assistant says here that it has started. */
export function birthTopic({ discovery }: Where): string | null {
  return discovery === null ? null : `${discovery}/status`;
}

/** What Home Assistant knows a device by: letters, digits, dashes and underscores, another for every other device. */
export function objectId({ prefix }: Where, device: string): string {
  return `${plain(prefix)}_${plain(device)}`;
}

/** Everything that may be retained of a device. */
export function topicsOf(where: Where, device: string, sensors: readonly string[]): string[] {
  const discovery = discoveryTopic(where, device);
  return [
    ...(discovery === null ? [] : [discovery]),
    ...FACTS.map((fact) => factTopic(where, device, fact)),
    ...sensors.map((sensor) => sensorTopic(where, device, sensor)),
  ];
}

/** `temperature`, `temperature-1001`: a sensor of the device itself, or of what is attached to it. */
export function sensorKey({ sensor, source }: { readonly sensor: string; readonly source: string }): string {
  const attached = source.split(':')[1];
  return attached === undefined ? sensor : `${sensor}-${attached}`;
}

/** Names that differ only by what is replaced stay apart by a few digits of their digest. */
function plain(name: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(name)) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.replaceAll(/[^A-Za-z0-9_-]/g, '_')}_${digest}`;
}
