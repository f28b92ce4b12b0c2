import type { Fleet } from '../fleet/fleet.ts';
import type { Place, Problem } from '../fleet/problem.ts';
import { type Section, sectionOf, sectionSecret } from '../fleet/section.ts';
import { gravityOfMiss, matches, meantInstead, unknownNames } from '../fleet/selector.ts';
import type { Secret } from '../lib/secret.ts';
import { Mqtt } from './mqtt-schema.ts';

/** The section `mqtt:` of fleet.yaml, for the loader. */
export const mqttSection: Section<Mqtt> = {
  key: 'mqtt',
  schema: Mqtt,
  secrets: [
    { path: ['username'], what: null },
    { path: ['password'], what: "the broker's password" },
  ],
  check,
};

export interface MqttSettings extends Omit<Mqtt, 'username' | 'password'> {
  readonly login: { readonly username: Secret; readonly password: Secret | null } | null;
}

/** What the file says of the broker, its secrets read; null where it has none. */
export function mqttOf(fleet: Fleet): MqttSettings | null {
  const section = sectionOf(fleet, mqttSection);
  if (section === undefined) return null;
  const { username, password, ...rest } = section;
  const user = username === undefined ? null : sectionSecret(fleet, 'mqtt', ['username']);
  const secret = password === undefined ? null : sectionSecret(fleet, 'mqtt', ['password']);
  return { ...rest, login: user === null ? null : { username: user, password: secret } };
}

function check(mqtt: Mqtt, fleet: Fleet, locate: (path: readonly string[]) => Place | null): Problem[] {
  const { selector, text } = mqtt.devices;
  const unknown = unknownNames(selector, fleet.devices).map(({ message }) => message);
  const isEmpty = unknown.length === 0 && !fleet.devices.some((device) => matches(selector, device));
  const messages = isEmpty
    ? [`"${text}" is no device of the fleet, so nothing is told.${meantInstead(selector, fleet.devices)}`]
    : unknown;
  return messages.map((message) => ({
    severity: isEmpty ? 'warning' : gravityOfMiss(fleet),
    place: locate(['devices']) ?? locate([]),
    path: 'mqtt.devices',
    message,
  }));
}
