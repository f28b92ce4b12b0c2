import type { PathText } from '../xapi/path.ts';

/** What a device or something attached to it measures, in the glossary's words. */
export type SensorName = 'temperature' | 'humidity' | 'air-quality' | 'ambient-noise' | 'sound-level';

export interface Sensor {
  readonly sensor: SensorName;
  /** `device`, or `peripheral:1001` by the device's own id of it. */
  readonly source: string;
}

/** The unit of each; the air quality index of these devices has none. */
export const UNITS: Readonly<Record<SensorName, string>> = {
  temperature: '°C',
  humidity: '%',
  'air-quality': '',
  'ambient-noise': 'dBA',
  'sound-level': 'dBA',
};

/** A difference that is worth a row of its own within a minute. */
export const STEPS: Readonly<Record<SensorName, number>> = {
  temperature: 0.5,
  humidity: 5,
  'air-quality': 10,
  'ambient-noise': 10,
  'sound-level': 15,
};

/** Below RoomAnalytics, of the device itself and of what is attached to it (facts, section 4). */
const LEAVES: ReadonlyMap<string, SensorName> = new Map([
  ['AmbientTemperature', 'temperature'],
  ['RelativeHumidity', 'humidity'],
  ['AirQuality.Index', 'air-quality'],
  ['AmbientNoise.Level.A', 'ambient-noise'],
  ['Sound.Level.A', 'sound-level'],
]);

const OWN = 'RoomAnalytics.';
const ATTACHED = /^Peripherals\.ConnectedDevice\[(\d+)\]\.RoomAnalytics\.(.+)$/;

/** The sensor whose value a status leaf holds; null for any other leaf. */
export function sensorAt(path: PathText): Sensor | null {
  if (path.startsWith(OWN)) {
    const sensor = LEAVES.get(path.slice(OWN.length));
    return sensor === undefined ? null : { sensor, source: 'device' };
  }
  const match = ATTACHED.exec(path);
  const sensor = LEAVES.get(match?.[2] ?? '');
  return sensor === undefined ? null : { sensor, source: `peripheral:${match?.[1]}` };
}

/** What a sensor shows; null for a text that is no number. Devices tell temperature and air quality as texts (facts, Traps). */
export function sensorValue(text: string): number | null {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
