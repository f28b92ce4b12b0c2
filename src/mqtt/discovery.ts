import { SessionWordAnswer } from '../actions/answers.ts';
import type { DeviceView } from '../actions/ports.ts';
import type { Command } from './mqtt-schema.ts';
import { STANDBY, UNKNOWN } from './room-state.ts';
import {
  commandTopic,
  type Fact,
  factTopic,
  objectId,
  sensorTopic,
  statusTopic,
  type Where,
} from './topics.ts';

/** One entity, by the names that Home Assistant documents for its platform. */
type Component = Readonly<Record<string, unknown>>;

export interface Describing {
  readonly where: Where;
  readonly version: string;
  readonly commands: readonly Command[];
}

/**
 * The document by which Home Assistant learns a device with all its entities
 * at once (MQTT integration, "Device discovery payload"; its schema: device,
 * origin and components are needed, a device needs an identifier).
 * @param seen keys of the sensors that the device has shown
 */
export function describeDevice(view: DeviceView, seen: readonly string[], how: Describing): object {
  const { where, version, commands } = how;
  const id = objectId(where, view.name);
  const area = view.tags['room'] ?? view.tags['area'] ?? view.tags['site'];
  const components = { ...facts(view.name, where), ...sensors(view.name, seen, where) };
  const buttons = Object.assign({}, ...commands.map((command) => commandEntity(view.name, command, where)));
  return {
    device: {
      identifiers: [id],
      name: view.name,
      manufacturer: 'Cisco',
      ...present({
        model: view.product,
        sw_version: view.software,
        serial_number: view.serial,
        suggested_area: area ?? null,
      }),
    },
    origin: { name: 'roomd', sw_version: version },
    availability: availability(where, view.name),
    availability_mode: 'all',
    components: Object.fromEntries(
      Object.entries<Component>({ ...components, ...buttons }).map(([key, component]) => [
        key,
        { ...component, unique_id: `${id}_${key.replaceAll('-', '_')}` },
      ]),
    ),
  };
}

/** Unknown is not empty: an entity whose value is not known is unavailable. */
const KNOWN = `{{ 'offline' if value == '${UNKNOWN}' else 'online' }}`;

function availability(where: Where, device: string): object[] {
  return [{ topic: statusTopic(where) }, { topic: factTopic(where, device, 'availability') }];
}

/** A value that may be unknown while the device is there. */
function known(where: Where, device: string, topic: string): Component {
  return {
    state_topic: topic,
    availability: [...availability(where, device), { topic, value_template: KNOWN }],
    availability_mode: 'all',
  };
}

function facts(device: string, where: Where): Record<string, Component> {
  const of = (fact: Fact) => known(where, device, factTopic(where, device, fact));
  /** These two tell of a device that is not there, so only roomd must be. */
  const always = (fact: Fact) => ({
    state_topic: factTopic(where, device, fact),
    availability: [{ topic: statusTopic(where) }],
    entity_category: 'diagnostic',
  });
  return {
    presence: { platform: 'binary_sensor', name: 'Presence', device_class: 'occupancy', ...of('presence') },
    people: {
      platform: 'sensor',
      name: 'People',
      state_class: 'measurement',
      unit_of_measurement: 'people',
      icon: 'mdi:account-group',
      ...of('people'),
    },
    call: { platform: 'binary_sensor', name: 'Call', icon: 'mdi:phone', ...of('call') },
    standby: {
      platform: 'sensor',
      name: 'Standby',
      device_class: 'enum',
      options: STANDBY,
      icon: 'mdi:power-sleep',
      ...of('standby'),
    },
    session: {
      platform: 'sensor',
      name: 'Session',
      device_class: 'enum',
      options: SessionWordAnswer.options,
      ...always('session'),
    },
    connectivity: {
      platform: 'binary_sensor',
      name: 'Connectivity',
      device_class: 'connectivity',
      ...always('connectivity'),
    },
  };
}

/** The index of air quality is the device's own and none of those that Home Assistant has a class for. */
const SENSORS: Readonly<Record<string, Component>> = {
  temperature: { name: 'Temperature', device_class: 'temperature', unit_of_measurement: '°C' },
  humidity: { name: 'Humidity', device_class: 'humidity', unit_of_measurement: '%' },
  'air-quality': { name: 'Air quality index', icon: 'mdi:air-filter' },
  'ambient-noise': { name: 'Ambient noise', device_class: 'sound_pressure', unit_of_measurement: 'dBA' },
  'sound-level': { name: 'Sound level', device_class: 'sound_pressure', unit_of_measurement: 'dBA' },
};

function sensors(device: string, seen: readonly string[], where: Where): Record<string, Component> {
  return Object.fromEntries(
    seen.flatMap((key) => {
      const [, kind = key, attached] = /^(.+?)(?:-(\d+))?$/.exec(key) ?? [];
      const of = SENSORS[kind];
      if (of === undefined) return [];
      const name = attached === undefined ? of['name'] : `${String(of['name'])} (peripheral ${attached})`;
      const component = {
        platform: 'sensor',
        state_class: 'measurement',
        ...of,
        name,
        ...known(where, device, sensorTopic(where, device, key)),
      };
      return [[key, component]];
    }),
  );
}

function commandEntity(device: string, command: Command, where: Where): Record<string, Component> {
  const topic = { command_topic: commandTopic(where, device, command), qos: 1, retain: false };
  if (command === 'message') return { message: { platform: 'notify', name: 'Message', ...topic } };
  const name = command === 'wake' ? 'Wake' : 'Put into standby';
  return { [`${command}-button`]: { platform: 'button', name, payload_press: 'PRESS', ...topic } };
}

function present(fields: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}
