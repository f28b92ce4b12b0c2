import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import { type Campaign, type CampaignDevice, type CampaignRecord, isOver } from './campaign.ts';
import type { CampaignStore } from './store.ts';
import type { CampaignKind, CampaignVerdict } from './verbs.ts';

/** What the keeper has to know of a kind of campaign. */
export interface KeeperRules<Of extends Campaign, Device extends CampaignDevice> {
  readonly kind: CampaignKind;
  readonly store: CampaignStore<Of, Device>;
  /** Why it may not begin beside the last one; null: it may, and takes the place of one that only waits for stragglers. */
  obstacleTo(next: Of, last: CampaignRecord<Of, Device>): string | null;
  /** How a device goes on that is on record as in hand and is in nobody's, as its step broke off; null: as it is. */
  leftBehind(device: Device): Partial<Device> | null;
  /** What roomd finds on record at its start, put right by what else is. */
  found?(record: CampaignRecord<Of, Device>): Promise<CampaignRecord<Of, Device>>;
}

export interface CampaignChange<Of, Device> {
  readonly campaign: Partial<Of>;
  readonly devices?: readonly Device[];
}

/** The campaign in hand: a change is on the disk before it counts, one change after another. */
export class CampaignKeeper<Of extends Campaign, Device extends CampaignDevice> {
  readonly #rules: KeeperRules<Of, Device>;
  readonly #turns = new KeyedMutex();
  readonly #devices = new Map<number, Device>();
  #campaign: Of | null = null;

  constructor(rules: KeeperRules<Of, Device>) {
    this.#rules = rules;
  }

  /** Reads the last that was started. */
  async load(): Promise<void> {
    const record = await this.#rules.store.find();
    if (record !== null) this.#take((await this.#rules.found?.(record)) ?? record);
  }

  get campaign(): Of | null {
    return this.#campaign;
  }

  get record(): CampaignRecord<Of, Device> | null {
    return this.#campaign === null
      ? null
      : { campaign: this.#campaign, devices: [...this.#devices.values()] };
  }

  byId(id: number): Device | null {
    return this.#devices.get(id) ?? null;
  }

  byName(name: string): Device | null {
    return [...this.#devices.values()].find((device) => device.name === name) ?? null;
  }

  /** Takes a new one; one that only waits for stragglers ends with it. A text says what stands in the way. */
  begin(record: CampaignRecord<Of, Device>, now: number): Promise<string | null> {
    return this.#turn(async () => {
      const last = this.record;
      const obstacle = last === null ? null : this.#rules.obstacleTo(record.campaign, last);
      if (obstacle !== null) return obstacle;
      const isEnding = last !== null && !isOver(last.campaign);
      await this.#rules.store.insert(
        record,
        isEnding ? { ...last.campaign, state: 'done', endedAt: now } : null,
      );
      this.#take(record);
      return null;
    });
  }

  /** Changes the campaign as `change` says; its text is why not. */
  change(change: (campaign: Of) => CampaignVerdict<Of>): Promise<string | null> {
    return this.#turn(async () => {
      if (this.#campaign === null) return `there is no ${this.#rules.kind}`;
      const changed = change(this.#campaign);
      if (typeof changed === 'string') return changed;
      await this.#save({ ...this.#campaign, ...changed }, []);
      return null;
    });
  }

  /** Keeps what was decided of the campaign in a state; where a person changed that meanwhile, it is decided anew. */
  saveDecided(decidedIn: Of['state'], { campaign, devices = [] }: CampaignChange<Of, Device>): Promise<void> {
    return this.#turn(async () => {
      if (this.#campaign?.state === decidedIn) await this.#save({ ...this.#campaign, ...campaign }, devices);
    });
  }

  saveDevices(steps: readonly { id: number; step: Partial<Device> }[]): Promise<void> {
    return this.#turn(async () => {
      if (this.#campaign === null || steps.length === 0) return;
      const changed = steps.flatMap(({ id, step }) => {
        const device = this.#devices.get(id);
        return device === undefined ? [] : [{ ...device, ...step }];
      });
      await this.#save(this.#campaign, changed);
    });
  }

  saveDevice(id: number, step: (now: Device) => Partial<Device>): Promise<void> {
    return this.#turn(async () => {
      const now = this.#devices.get(id);
      if (this.#campaign !== null && now !== undefined)
        await this.#save(this.#campaign, [{ ...now, ...step(now) }]);
    });
  }

  /** What was under way and is not in anybody's hands any more is taken anew. */
  resume(isBusy: (id: number) => boolean): void {
    for (const device of this.#devices.values()) {
      const step = isBusy(device.id) ? null : this.#rules.leftBehind(device);
      if (step !== null) this.#put({ ...device, ...step });
    }
  }

  /** The device gets its turn now instead of at its time. */
  hurry(device: Device): void {
    this.#put({ ...device, nextAt: 0 });
  }

  async #save(campaign: Of, devices: readonly Device[]): Promise<void> {
    await this.#rules.store.save(campaign, devices);
    this.#campaign = campaign;
    for (const device of devices) this.#put(device);
  }

  #take({ campaign, devices }: CampaignRecord<Of, Device>): void {
    this.#campaign = campaign;
    this.#devices.clear();
    for (const device of devices) this.#put(device);
  }

  #put(device: Device): void {
    this.#devices.set(device.id, device);
  }

  #turn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.run('record', work);
  }
}
