import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import type { SimulatedDeviceSpec, Simulator } from '../../src/simulator/server.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import { type FleetText, fleetText, simulated } from './world.ts';

const WANTED = { 'Audio.DefaultVolume': '70', 'Macros.Mode': 'On' };

export const PANEL = (id: string): string =>
  `<Extensions><Version>1.11</Version><Panel><PanelId>${id}</PanelId><Name>Help</Name><ActivityType>Custom</ActivityType></Panel></Extensions>`;

/** Whole room devices in rooms where nobody is. */
export async function emptyRooms(specs: readonly Partial<SimulatedDeviceSpec>[]): Promise<Simulator> {
  const simulator = await simulated(specs.map((spec) => ({ model: builtInModels.room, ...spec })));
  for (const { state } of simulator.devices) state.people(0);
  return simulator;
}

/** Writes a fleet file that names these devices, with a setting, a panel `help` and a device macro `lights` for each. */
export function writeFleetWithContent(
  folder: string,
  places: Readonly<Record<string, SimulatedDevice>>,
  more: Partial<FleetText> = {},
): string {
  const devices = Object.entries(places).map(([name, { port }]) => ({ name, port }));
  const text = fleetText({ devices, configuration: WANTED, ...more }).replace(
    '  timezone: Europe/Oslo\n',
    '  timezone: Europe/Oslo\n  panels: [help.xml]\n  deviceMacros: [lights.js]\n',
  );
  writeFileSync(join(folder, 'help.xml'), PANEL('help'));
  writeFileSync(join(folder, 'lights.js'), 'console.log("lights");\n');
  writeFileSync(join(folder, 'fleet.yaml'), text);
  return text;
}
