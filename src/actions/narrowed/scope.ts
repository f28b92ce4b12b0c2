import type { DesiredDevice, Fleet } from '../../fleet/fleet.ts';
import { parseSelector, type Selector, select } from '../../fleet/selector.ts';
import { ActionError } from '../action-error.ts';
import type { Ports } from '../ports.ts';

interface Seen {
  readonly whole: Fleet;
  /** The same file with no other devices in it. */
  readonly fleet: Fleet;
  readonly names: ReadonlySet<string>;
}

/** The devices that a caller is limited to, as the file in force has them. */
export class Scope {
  readonly selector: string;
  readonly #parsed: Selector;
  readonly #ports: Pick<Ports, 'fleet' | 'deviceId'>;
  #seen: Seen | null = null;

  constructor(ports: Pick<Ports, 'fleet' | 'deviceId'>, selector: string) {
    this.#ports = ports;
    this.selector = selector;
    this.#parsed = parseSelector(selector);
  }

  get fleet(): Fleet {
    return this.#look().fleet;
  }

  get names(): ReadonlySet<string> {
    return this.#look().names;
  }

  get ids(): ReadonlySet<number> {
    return new Set([...this.names].flatMap((name) => this.#ports.deviceId(name) ?? []));
  }

  has(name: string | null): name is string {
    return name !== null && this.names.has(name);
  }

  /** @throws ActionError `not-found`, as for a device that there is not */
  require(name: string): string {
    if (!this.names.has(name)) throw new ActionError('not-found', `no device is called "${name}"`);
    return name;
  }

  requireAll(devices: readonly DesiredDevice[]): readonly DesiredDevice[] {
    for (const { name } of devices) this.require(name);
    return devices;
  }

  /** Those of the caller's devices that a selector takes in; null means all. */
  taken(selector: string | null): string[] {
    const devices =
      selector === null ? this.fleet.devices : select(parseSelector(selector), this.fleet.devices);
    return devices.map(({ name }) => name);
  }

  /** Whether a selector takes in some device, and none but the caller's. */
  holds(selector: string | null): boolean {
    if (selector === null) return false;
    const taken = select(parseSelector(selector), this.#look().whole.devices);
    return taken.length > 0 && taken.every(({ name }) => this.has(name));
  }

  /** A selector that takes in no other devices, also once the file has others. */
  narrowed(selector: string | null): string {
    return selector === null || selector === this.selector
      ? this.selector
      : `(${selector}) & (${this.selector})`;
  }

  #look(): Seen {
    const whole = this.#ports.fleet();
    if (this.#seen?.whole === whole) return this.#seen;
    const devices = select(this.#parsed, whole.devices);
    const fleet = { ...whole, devices };
    this.#seen = { whole, fleet, names: new Set(devices.map(({ name }) => name)) };
    return this.#seen;
  }
}
