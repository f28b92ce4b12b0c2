import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import {
  isOver,
  type Rotation,
  type RotationDevice,
  type RotationRecord,
  type RotationStep,
} from './rotation.ts';
import type { RotationStore } from './store.ts';
import { obstacleTo } from './verbs.ts';

/** The rotation in hand: a change is on the disk before it counts, one change after another. */
export class RotationKeeper {
  readonly #store: RotationStore;
  readonly #turns = new KeyedMutex();
  #rotation: Rotation | null = null;
  #devices: ReadonlyMap<number, RotationDevice> = new Map();

  constructor({ store }: { store: RotationStore }) {
    this.#store = store;
  }

  /** Reads the last rotation. What was in hand when roomd ended is asked before anything is set again. */
  async load(): Promise<void> {
    const found = await this.#store.find();
    if (found === null) return;
    this.#take({
      ...found,
      devices: found.devices.map((device) =>
        device.state === 'setting' ? { ...device, state: 'pending', isDoubtful: true, nextAt: 0 } : device,
      ),
    });
  }

  get record(): RotationRecord | null {
    return this.#rotation === null
      ? null
      : { rotation: this.#rotation, devices: [...this.#devices.values()] };
  }

  byName(name: string): RotationDevice | null {
    return [...this.#devices.values()].find((device) => device.name === name) ?? null;
  }

  /** Takes a new rotation; a text says what stands in the way. */
  begin(record: RotationRecord, now: number): Promise<string | null> {
    return this.#turn(async () => {
      const last = this.#rotation;
      const obstacle = last === null ? null : obstacleTo(record.rotation.credential, last);
      if (obstacle !== null) return obstacle;
      const ending = last === null || isOver(last) ? null : { ...last, state: 'done' as const, endedAt: now };
      await this.#store.insert(record, ending);
      this.#take(record);
      return null;
    });
  }

  /** Changes the rotation as `change` says; its text is why not. */
  changeRotation(change: (rotation: Rotation) => Partial<Rotation> | string): Promise<string | null> {
    return this.#turn(async () => {
      if (this.#rotation === null) return 'there is no rotation';
      const changed = change(this.#rotation);
      if (typeof changed === 'string') return changed;
      await this.#save({ ...this.#rotation, ...changed }, []);
      return null;
    });
  }

  /** Keeps what was decided of the rotation in a state; where a person changed that meanwhile, it is decided anew. */
  saveRotation(decidedIn: Rotation['state'], change: Partial<Rotation>): Promise<void> {
    return this.#turn(async () => {
      if (this.#rotation?.state === decidedIn) await this.#save({ ...this.#rotation, ...change }, []);
    });
  }

  saveDevices(ids: readonly number[], step: RotationStep): Promise<void> {
    return this.#turn(async () => {
      if (this.#rotation === null || ids.length === 0) return;
      const changed = ids.flatMap((id) => {
        const device = this.#devices.get(id);
        return device === undefined ? [] : [{ ...device, ...step }];
      });
      await this.#save(this.#rotation, changed);
    });
  }

  /** A device that nobody has in hand any more, though it says so: its step broke off. */
  resume(isBusy: (id: number) => boolean): void {
    for (const device of this.#devices.values())
      if (device.state === 'setting' && !isBusy(device.id))
        this.#put([{ ...device, state: 'pending', isDoubtful: true, nextAt: 0 }]);
  }

  /** The device gets its turn now instead of at its time. */
  hurry(id: number): void {
    const device = this.#devices.get(id);
    if (device !== undefined) this.#put([{ ...device, nextAt: 0 }]);
  }

  async #save(rotation: Rotation, devices: readonly RotationDevice[]): Promise<void> {
    await this.#store.save(rotation, devices);
    this.#rotation = rotation;
    this.#put(devices);
  }

  #take({ rotation, devices }: RotationRecord): void {
    this.#rotation = rotation;
    this.#devices = new Map(devices.map((device) => [device.id, device]));
  }

  #put(devices: readonly RotationDevice[]): void {
    this.#devices = new Map([...this.#devices, ...devices.map((device) => [device.id, device] as const)]);
  }

  #turn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.run('record', work);
  }
}
