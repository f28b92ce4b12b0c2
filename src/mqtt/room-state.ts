import type { DeviceView } from '../actions/ports.ts';
import { countWithin } from '../feedback/presence.ts';
import { factTopic, sensorKey, sensorTopic, type Where } from './topics.ts';

/** Home Assistant takes what shows this for unavailable, by the template in the description. */
export const UNKNOWN = 'unknown';

/** Values that come and go by themselves: they are told less often. */
export interface RoomState {
  /** Topic → payload, both kinds. */
  readonly facts: ReadonlyMap<string, string>;
  readonly sensors: ReadonlyMap<string, string>;
}

/** What is told of a room. What is not known is told as such, never as empty; sensors that were seen and show nothing now are unknown. */
export function roomState(view: DeviceView, where: Where, seen: readonly string[]): RoomState {
  const isUp = view.session.state === 'up' || view.session.state === 'up-https';
  const { presence } = view;
  const people = countWithin(presence.state, presence.count);
  const facts = new Map([
    [factTopic(where, view.name, 'availability'), isUp ? 'online' : 'offline'],
    [factTopic(where, view.name, 'presence'), { yes: 'ON', no: 'OFF', unknown: UNKNOWN }[presence.state]],
    [factTopic(where, view.name, 'people'), people === null ? UNKNOWN : String(people)],
    [factTopic(where, view.name, 'call'), onOff(view.inCall)],
    [factTopic(where, view.name, 'standby'), STANDBY.find((word) => word === view.standby) ?? UNKNOWN],
    [factTopic(where, view.name, 'session'), view.session.word],
    [factTopic(where, view.name, 'connectivity'), onOff(isUp)],
  ]);
  const shown = new Map(view.sensors.map((sensor) => [sensorKey(sensor), String(sensor.value)]));
  const sensors = new Map(seen.map((key) => [sensorTopic(where, view.name, key), shown.get(key) ?? UNKNOWN]));
  return { facts, sensors };
}

/** The device's own words for how far it sleeps; `Off` is awake. */
export const STANDBY = ['Off', 'Halfwake', 'EnteringStandby', 'Standby'] as const;

function onOff(value: boolean | null): string {
  if (value === null) return UNKNOWN;
  return value ? 'ON' : 'OFF';
}
