import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { CommandSpec } from '../schema/product-schema.ts';
import type { Catalogue } from './catalogue.ts';
import { ConfigurationStore, type SettingOutcome } from './configuration-store.ts';
import { type NodePath, nodePath } from './node-path.ts';
import type { Leaf, LeafValue } from './node-tree.ts';
import type { SimulatorSettings } from './settings.ts';
import { StatusStore } from './status-store.ts';

/** Arguments of an event, or the one bare integer that two events carry. */
export type EventFields = Readonly<Record<string, LeafValue>> | number;

/** One thing that happened; feedback tells of each by itself. */
export type DeviceNews =
  | { readonly kind: 'leaf'; readonly tree: 'Status' | 'Configuration'; readonly leaf: Leaf }
  /** A status node that is gone. */
  | { readonly kind: 'ghost'; readonly path: NodePath }
  | { readonly kind: 'event'; readonly path: NodePath; readonly fields: EventFields }
  /** The device goes down or comes back: its sockets and sessions die in between. */
  | { readonly kind: 'power'; readonly on: boolean };

export interface CoreParts {
  readonly catalogue: Catalogue;
  readonly settings: SimulatorSettings;
  readonly clock: Clock;
  readonly random: Random;
}

/** What all parts of a device share: its trees, its clock, and the telling of news. */
export class DeviceCore {
  readonly settings: SimulatorSettings;
  readonly random: Random;
  readonly status: StatusStore;
  readonly configuration: ConfigurationStore;
  /** How far the device's own clock is off. */
  clockSkewMs = 0;
  #catalogue: Catalogue;
  readonly #clock: Clock;
  readonly #listeners = new Set<(news: DeviceNews) => void>();
  readonly #timers = new Set<() => void>();
  readonly #untold: DeviceNews[] = [];
  #isTelling = false;

  constructor({ catalogue, settings, clock, random }: CoreParts) {
    this.#catalogue = catalogue;
    this.settings = settings;
    this.random = random;
    this.status = new StatusStore(catalogue);
    this.configuration = new ConfigurationStore({ catalogue, settings });
    this.#clock = clock;
  }

  /** What the software knows that runs now. */
  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  /** Other software runs from now on. */
  adopt(catalogue: Catalogue): void {
    this.#catalogue = catalogue;
    this.status.adopt(catalogue);
    this.configuration.adopt(catalogue);
  }

  /** The device's own wall clock, UTC milliseconds. */
  now(): number {
    return this.#clock.now() + this.clockSkewMs;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  listen(listener: (news: DeviceNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells everyone in order: news that a listener causes waits until all have heard what caused it. */
  tell(news: DeviceNews): void {
    this.#untold.push(news);
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let next = this.#untold.shift(); next !== undefined; next = this.#untold.shift())
        for (const listener of this.#listeners) listener(next);
    } finally {
      this.#isTelling = false;
    }
  }

  setStatus(path: string, value: LeafValue): void {
    const leaf = this.status.set(path, value);
    if (leaf !== null) this.tell({ kind: 'leaf', tree: 'Status', leaf });
  }

  /** Sets a leaf that only some products have. */
  setOfferedStatus(path: string, value: LeafValue): void {
    if (this.status.isOffered(path)) this.setStatus(path, value);
  }

  removeStatus(path: string): void {
    const node = nodePath(path);
    if (this.status.remove(node)) this.tell({ kind: 'ghost', path: node });
  }

  setConfiguration(path: string, value: string): SettingOutcome {
    return this.#told(this.configuration.set(path, value));
  }

  /** The same over putxml and xSet, where the account's roles count. */
  setByAccount(path: string, value: string): SettingOutcome {
    return this.#told(this.configuration.setByAccount(path, value));
  }

  #told(outcome: SettingOutcome): SettingOutcome {
    if (outcome.kind !== 'accepted' || !outcome.changed) return outcome;
    const isWithinList = outcome.leaf.path.tokens.some((token) => typeof token === 'number');
    if (this.settings.configurationFeedback === 'all' || !isWithinList)
      this.tell({ kind: 'leaf', tree: 'Configuration', leaf: outcome.leaf });
    return outcome;
  }

  /** Whether the account may run a command; one for which the schema names no role is everybody's. */
  mayRun({ roles }: CommandSpec): boolean {
    return roles.length === 0 || roles.some((role) => this.settings.accountRoles.includes(role));
  }

  event(path: string, fields: EventFields = {}): void {
    this.tell({ kind: 'event', path: nodePath(path), fields });
  }

  /** Runs later unless the device reboots or stops first; the returned function calls it off. */
  after(delayMs: number, run: () => void): () => void {
    const cancel = this.#clock.after(
      delayMs,
      () => {
        this.#timers.delete(callOff);
        run();
      },
      { unref: true },
    );
    const callOff = (): void => {
      this.#timers.delete(callOff);
      cancel();
    };
    this.#timers.add(callOff);
    return callOff;
  }

  /** Calls off everything that was to happen: a reboot, or the end. */
  forgetTimers(): void {
    for (const callOff of this.#timers) callOff();
  }
}

/** Time as the device writes it: `2026-07-24T07:42:58Z`. */
export function deviceTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
