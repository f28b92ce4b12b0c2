import type { DeviceCore } from './device-core.ts';
import type { LeafValue } from './node-tree.ts';

/** What a simulated room or Navigator measures. Temperature and air quality are texts, the others whole numbers (facts, section 4). */
export const SENSOR_NAMES = [
  'temperature',
  'humidity',
  'air-quality',
  'ambient-noise',
  'sound-level',
] as const;
export type SensorWord = (typeof SENSOR_NAMES)[number];

export function isSensorWord(word: string): word is SensorWord {
  return SENSOR_NAMES.some((name) => name === word);
}

/** Something attached to the device. */
export interface Attachment {
  readonly name: string;
  readonly type: string;
  readonly location: 'InsideRoom' | 'OutsideRoom' | 'NotSet';
}

const LEAVES: Readonly<Record<SensorWord, string>> = {
  temperature: 'AmbientTemperature',
  humidity: 'RelativeHumidity',
  'air-quality': 'AirQuality.Index',
  'ambient-noise': 'AmbientNoise.Level.A',
  'sound-level': 'Sound.Level.A',
};

const NAVIGATOR: Attachment = { name: 'Cisco Room Navigator', type: 'TouchPanel', location: 'InsideRoom' };
/** Ids of peripherals are not dense and begin high (facts, Traps). */
const FIRST_ID = 1001;

/** The sensors of the device and of what is attached to it, and the Diagnostics of both. */
export class RoomSensors {
  readonly #core: DeviceCore;
  readonly #attached = new Map<number, Attachment>();
  readonly #messages = new Map<string, number>();
  #lastMessage = 0;

  constructor(core: DeviceCore) {
    this.#core = core;
    const shown = { temperature: 21.5, humidity: 40, 'ambient-noise': 32, 'sound-level': 38 } as const;
    for (const [name, value] of Object.entries(shown)) this.set(name as SensorWord, value);
  }

  get attached(): ReadonlyMap<number, Attachment> {
    return this.#attached;
  }

  /** A value from now on; of an attached device where its id is given. A sensor that the product lacks shows nothing. */
  set(sensor: SensorWord, value: number, peripheral: number | null = null): void {
    const isText = sensor === 'temperature' || sensor === 'air-quality';
    const shown: LeafValue = isText ? String(value) : Math.round(value);
    const leaf = `RoomAnalytics.${LEAVES[sensor]}`;
    if (peripheral === null) this.#core.setOfferedStatus(leaf, shown);
    else this.#core.setStatus(`${nodeOf(peripheral)}.${leaf}`, shown);
  }

  /** Attaches a Navigator, or something else. @returns the id that the device gives it */
  attach(what: Partial<Attachment> = {}): number {
    const id = Math.max(FIRST_ID - 1, ...this.#attached.keys()) + 1;
    const attachment = { ...NAVIGATOR, ...what };
    this.#attached.set(id, attachment);
    const leaves: Readonly<Record<string, string>> = {
      Name: attachment.name,
      Type: attachment.type,
      Location: attachment.location,
      ID: `00:50:60:00:${String(id)
        .padStart(4, '0')
        .replace(/(..)(..)/, '$1:$2')}`,
      SerialNumber: `FOC${id}`,
      SoftwareInfo: 'RoomOS 26.4.1',
      Status: 'Connected',
    };
    for (const [name, value] of Object.entries(leaves)) this.#core.setStatus(`${nodeOf(id)}.${name}`, value);
    return id;
  }

  /**
   * What became of the link to it: Connected, LostConnection, …
   * @throws RangeError where nothing has that id
   */
  setLink(id: number, status: string): void {
    if (!this.#attached.has(id)) throw new RangeError(`nothing is attached with the id ${id}`);
    this.#core.setStatus(`${nodeOf(id)}.Status`, status);
  }

  detach(id: number): void {
    if (this.#attached.delete(id)) this.#core.removeStatus(nodeOf(id));
  }

  /** A message of the Diagnostics stands from now on; one of the same type is replaced. */
  raise({ type, level, description }: { type: string; level: string; description: string }): void {
    this.clear(type);
    this.#lastMessage += 1;
    this.#messages.set(type, this.#lastMessage);
    const leaves = { Description: description, Level: level, References: '', Type: type };
    for (const [name, value] of Object.entries(leaves))
      this.#core.setStatus(`Diagnostics.Message[${this.#lastMessage}].${name}`, value);
  }

  clear(type: string): boolean {
    const number = this.#messages.get(type);
    if (number === undefined) return false;
    this.#messages.delete(type);
    this.#core.removeStatus(`Diagnostics.Message[${number}]`);
    return true;
  }
}

function nodeOf(id: number): string {
  return `Peripherals.ConnectedDevice[${id}]`;
}
