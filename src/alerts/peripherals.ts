import type { PathText } from '../xapi/path.ts';
import type { Peripheral } from './facts.ts';

/** What is attached to a device, and what was until it vanished from the device's list. */
export class Peripherals {
  readonly #known = new Map<string, Peripheral>();

  /** One that was attached before this process listened; it counts as gone until the device lists it. */
  remember(peripheral: Peripheral): void {
    if (!this.#known.has(peripheral.id)) this.#known.set(peripheral.id, peripheral);
  }

  /** The device's list as a whole. */
  listed(leaves: ReadonlyMap<PathText, string>, now: number): void {
    const shown = new Map(peripheralsIn(leaves).map((one) => [one.id, one]));
    for (const [id, known] of this.#known)
      if (!shown.has(id) && known.goneAt === null) this.#known.set(id, { ...known, goneAt: now });
    for (const one of shown.values()) {
      // Attached anew it may have another number.
      const before = this.#known.has(one.id) ? undefined : this.#gone(one);
      if (before !== undefined) this.#known.delete(before.id);
      this.#known.set(one.id, one);
    }
  }

  all(): Peripheral[] {
    return [...this.#known.values()];
  }

  #gone({ name, type }: Peripheral): Peripheral | undefined {
    return this.all().find((known) => known.goneAt !== null && known.name === name && known.type === type);
  }
}

const NODE = /^Peripherals\.ConnectedDevice\[(\d+)\]\.Status$/;

function peripheralsIn(leaves: ReadonlyMap<PathText, string>): Peripheral[] {
  return [...leaves].flatMap(([path, status]) => {
    const id = NODE.exec(path)?.[1];
    if (id === undefined) return [];
    const node = `Peripherals.ConnectedDevice[${id}]`;
    const type = leaves.get(`${node}.Type`) ?? 'peripheral';
    return [{ id, name: leaves.get(`${node}.Name`) ?? type, type, status, goneAt: null }];
  });
}
