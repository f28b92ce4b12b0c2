import type { Clock } from '../lib/clock.ts';
import { unreachable } from '../lib/errors.ts';
import type { RoomSensors } from './room-sensors.ts';
import type { ScenarioStep } from './scenario.ts';
import type { Simulator } from './server.ts';

/**
 * Does to a simulated device what one step of a scenario says. What the device
 * cannot follow just then (there is no call to end) changes nothing.
 * @throws RangeError where the simulator lacks the device, or the device the setting
 */
export function performStep(
  simulator: Simulator,
  { device: name, action }: ScenarioStep,
  clock: Clock,
): void {
  const device = simulator.device(name);
  const { state } = device;
  switch (action.type) {
    case 'people':
      state.people(action.count);
      return;
    case 'call-incoming': {
      const call = state.incomingCall({ number: action.from, displayName: action.displayName });
      if (state.presence.people > 0) state.calls.accept(call);
      return;
    }
    case 'call-clear':
      state.farEndHangsUp();
      return;
    case 'booking': {
      const startAt = clock.now() + action.startsInMs;
      state.bookings.add({ title: action.title, startAt, endAt: startAt + action.lastsMs });
      return;
    }
    case 'extend':
      state.bookings.extend(null, action.byMs);
      return;
    case 'sensor':
      state.sensors.set(action.sensor, action.value, action.peripheral);
      return;
    case 'peripheral':
      if (action.link === 'attached') state.sensors.attach();
      else for (const id of state.sensors.attached.keys()) followLink(state.sensors, id, action.link);
      return;
    case 'diagnostic':
      if (action.level === null) state.sensors.clear(action.message);
      else state.sensors.raise({ type: action.message, level: action.level, description: action.message });
      return;
    case 'fault':
      device.fault(action.kind, action.seconds);
      return;
    case 'reboot':
      device.reboot();
      return;
    case 'configuration':
      state.turnKnob(action.path, action.value);
      return;
    default:
      unreachable(action);
  }
}

function followLink(sensors: RoomSensors, id: number, link: string): void {
  if (link === 'detached') sensors.detach(id);
  else sensors.setLink(id, link);
}
