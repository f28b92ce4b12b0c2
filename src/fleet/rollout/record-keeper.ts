import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import { type DeviceStep, isOver, type Rollout, type RolloutDevice } from './rollout.ts';
import { actorOf } from './steps.ts';
import type { RolloutRecord, RolloutStore } from './store.ts';
import { standsInTheWay } from './verbs.ts';

/** The rollout in hand: a change is on the disk before it counts, one change after another. */
export class RecordKeeper {
  readonly #store: RolloutStore;
  readonly #turns = new KeyedMutex();
  readonly #devices = new Map<number, RolloutDevice>();
  #rollout: Rollout | null = null;

  constructor({ store }: { store: RolloutStore }) {
    this.#store = store;
  }

  /** Reads the last rollout; of a device that was in hand when roomd ended, the record of writes tells whether it can have heard of one. */
  async load(): Promise<void> {
    const found = await this.#store.find();
    if (found === null) return;
    const { rollout, devices } = found;
    const inHand = devices.filter(({ state }) => state === 'applying').map(({ id }) => id);
    const written = await this.#store.written(actorOf(rollout), inHand);
    const hands = new Set(inHand);
    this.#take({
      rollout,
      devices: devices.map((device) =>
        hands.has(device.id) ? { ...device, isTouched: written.has(device.id) } : device,
      ),
    });
  }

  get record(): RolloutRecord | null {
    return this.#rollout === null ? null : { rollout: this.#rollout, devices: this.devices() };
  }

  devices(): RolloutDevice[] {
    return [...this.#devices.values()];
  }

  byId(id: number): RolloutDevice | null {
    return this.#devices.get(id) ?? null;
  }

  byName(name: string): RolloutDevice | null {
    return this.devices().find((device) => device.name === name) ?? null;
  }

  /** Takes a new rollout; one that only waits for stragglers ends with it. */
  begin(record: RolloutRecord, now: number): Promise<string | null> {
    return this.#turn(async () => {
      const last = this.#rollout;
      const obstacle = last === null ? null : standsInTheWay(last);
      if (obstacle !== null) return obstacle;
      const ending = last === null || isOver(last) ? null : { ...last, state: 'done' as const, endedAt: now };
      await this.#store.insert(record, ending);
      this.#take(record);
      return null;
    });
  }

  /** Changes the rollout as `change` says; its text is why not. */
  changeRollout(change: (record: RolloutRecord) => Partial<Rollout> | string): Promise<string | null> {
    return this.#turn(async () => {
      const { record } = this;
      if (record === null) return 'there is no rollout';
      const changed = change(record);
      if (typeof changed === 'string') return changed;
      await this.#save({ ...record.rollout, ...changed }, []);
      return null;
    });
  }

  /** Keeps what was decided of the rollout in a state; where a person changed that meanwhile, it is decided anew. */
  saveRollout(
    decidedIn: Rollout['state'],
    change: Partial<Rollout>,
    devices: readonly RolloutDevice[] = [],
  ): Promise<void> {
    return this.#turn(async () => {
      if (this.#rollout?.state === decidedIn) await this.#save({ ...this.#rollout, ...change }, devices);
    });
  }

  saveDevices(steps: readonly { device: RolloutDevice; step: DeviceStep }[]): Promise<void> {
    return this.#turn(async () => {
      if (this.#rollout === null || steps.length === 0) return;
      const changed = steps.flatMap(({ device, step }) => {
        const now = this.#devices.get(device.id);
        return now === undefined ? [] : [{ ...now, ...step }];
      });
      await this.#save(this.#rollout, changed);
    });
  }

  saveDevice(id: number, step: (now: RolloutDevice) => DeviceStep): Promise<void> {
    return this.#turn(async () => {
      const now = this.#devices.get(id);
      if (this.#rollout === null || now === undefined) return;
      await this.#save(this.#rollout, [{ ...now, ...step(now) }]);
    });
  }

  /** What was under way and is not in anybody's hands any more is taken anew. */
  resume(isBusy: (id: number) => boolean): void {
    for (const device of this.#devices.values()) {
      if (isBusy(device.id)) continue;
      if (device.state === 'applying') this.#put({ ...device, state: 'pending', nextAt: 0 });
      if (device.state === 'reverting') this.#put({ ...device, state: 'to-revert' });
    }
  }

  /** The device gets its turn now instead of at its time. */
  hurry(id: number): void {
    const device = this.#devices.get(id);
    if (device !== undefined) this.#put({ ...device, nextAt: 0 });
  }

  async #save(rollout: Rollout, devices: readonly RolloutDevice[]): Promise<void> {
    await this.#store.save(rollout, devices);
    this.#rollout = rollout;
    for (const device of devices) this.#put(device);
  }

  #take({ rollout, devices }: RolloutRecord): void {
    this.#rollout = rollout;
    this.#devices.clear();
    for (const device of devices) this.#put(device);
  }

  #put(device: RolloutDevice): void {
    this.#devices.set(device.id, device);
  }

  #turn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.run('record', work);
  }
}
