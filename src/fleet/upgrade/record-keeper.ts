import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import type { UpgradeRecord, UpgradeStore } from './store.ts';
import {
  isUpgradeOver,
  type Upgrade,
  type UpgradeDevice,
  type UpgradeStep,
  type UpgradeVerdict,
  upgradeInTheWay,
} from './upgrade.ts';

/** The upgrade in hand: a change is on the disk before it counts, one change after another. */
export class UpgradeKeeper {
  readonly #store: UpgradeStore;
  readonly #turns = new KeyedMutex();
  readonly #devices = new Map<number, UpgradeDevice>();
  #upgrade: Upgrade | null = null;

  constructor({ store }: { store: UpgradeStore }) {
    this.#store = store;
  }

  async load(): Promise<void> {
    const found = await this.#store.find();
    if (found !== null) this.#take(found);
  }

  get record(): UpgradeRecord | null {
    return this.#upgrade === null ? null : { upgrade: this.#upgrade, devices: [...this.#devices.values()] };
  }

  byId(id: number): UpgradeDevice | null {
    return this.#devices.get(id) ?? null;
  }

  byName(name: string): UpgradeDevice | null {
    return [...this.#devices.values()].find((device) => device.name === name) ?? null;
  }

  /** Takes a new one; one that only waits for stragglers ends with it. A text says what stands in the way. */
  begin(record: UpgradeRecord, now: number): Promise<string | null> {
    return this.#turn(async () => {
      const last = this.#upgrade;
      const obstacle = last === null ? null : upgradeInTheWay(last);
      if (obstacle !== null) return obstacle;
      if ([...this.#devices.values()].some(({ state }) => state === 'applying'))
        return 'a device of the upgrade before is still at it: wait until it is back';
      const isEnding = last !== null && !isUpgradeOver(last);
      await this.#store.insert(record, isEnding ? { ...last, state: 'done', endedAt: now } : null);
      this.#take(record);
      return null;
    });
  }

  change(change: (upgrade: Upgrade) => UpgradeVerdict): Promise<string | null> {
    return this.#turn(async () => {
      if (this.#upgrade === null) return 'there is no upgrade';
      const changed = change(this.#upgrade);
      if (typeof changed === 'string') return changed;
      await this.#save({ ...this.#upgrade, ...changed }, []);
      return null;
    });
  }

  /** Keeps what was decided in a state; where a person changed that meanwhile, it is decided anew. */
  saveUpgrade(decidedIn: Upgrade['state'], change: Partial<Upgrade>): Promise<void> {
    return this.#turn(async () => {
      if (this.#upgrade?.state === decidedIn) await this.#save({ ...this.#upgrade, ...change }, []);
    });
  }

  saveDevice(id: number, step: UpgradeStep): Promise<void> {
    return this.#turn(async () => {
      const now = this.#devices.get(id);
      if (this.#upgrade !== null && now !== undefined) await this.#save(this.#upgrade, [{ ...now, ...step }]);
    });
  }

  /** What is in nobody's hands any more: a device that never had its order waits anew, of the others the ids come back. */
  leftBehind(isBusy: (id: number) => boolean): number[] {
    const left: number[] = [];
    for (const device of this.#devices.values()) {
      if (device.state !== 'applying' || isBusy(device.id)) continue;
      if (device.order === null) this.#devices.set(device.id, { ...device, state: 'pending', nextAt: 0 });
      else left.push(device.id);
    }
    return left;
  }

  /** The device gets its turn now instead of at its time. */
  hurry(id: number): void {
    const device = this.#devices.get(id);
    if (device !== undefined) this.#devices.set(id, { ...device, nextAt: 0 });
  }

  async #save(upgrade: Upgrade, devices: readonly UpgradeDevice[]): Promise<void> {
    await this.#store.save(upgrade, devices);
    this.#upgrade = upgrade;
    for (const device of devices) this.#devices.set(device.id, device);
  }

  #take({ upgrade, devices }: UpgradeRecord): void {
    this.#upgrade = upgrade;
    this.#devices.clear();
    for (const device of devices) this.#devices.set(device.id, device);
  }

  #turn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.run('record', work);
  }
}
