import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type {
  ConfigurationDocument,
  Delta,
  Device,
  DeviceIdentity,
  HeldSetting,
  SessionNews,
} from '../xapi/device.ts';
import { type PathText, pathKey } from '../xapi/path.ts';
import type { DesiredDevice } from './fleet.ts';
import { KeptConfiguration, type KeptSettings, SettingTable } from './kept-configuration.ts';
import { throughDevice } from './through-device.ts';

export interface LiveConfigurationsOptions {
  /** What was read is kept current by the session for so long; then the whole configuration is read again, whatever was reported. */
  readonly sweepMs: () => number;
  /** A report may come so long after a reading that shows the change already. */
  readonly lateMs: () => number;
}

/** A device of which the configuration is known: asked for it, it answers from memory. */
export interface KnownTarget {
  readonly desired: DesiredDevice;
  readonly device: Device;
  /** When it was read, UTC milliseconds; the session kept it current since. */
  readonly readAt: number;
}

interface Watched {
  readonly device: Device;
  unsubscribe: () => void;
  /** Who answers; null while no session is up that reports the configuration. */
  identity: DeviceIdentity | null;
  kept: Kept | null;
  readonly readings: Set<Reading>;
  /** What a reading showed and nobody reported, by key; convicts the session unless the report still comes. */
  readonly suspects: Map<string, string | null>;
  /** Calls off the verdict on what is suspect; null where nothing is. */
  cancelTrial: (() => void) | null;
  /** The software version whose sessions leave changes out; null while they are trusted. */
  distrusted: string | null;
}

interface Kept {
  readonly settings: Map<string, HeldSetting | null>;
  readonly shape: string | null;
  /** Of the whole document, where a setting that was asked for is absent. */
  readonly paths: readonly PathText[] | null;
  readonly readAt: number;
}

/** A configuration that is being read: what the session reports meanwhile may be older or newer than the answer. */
interface Reading {
  readonly reported: Map<string, string>;
  isVoid: boolean;
}

/**
 * What the devices' configuration is now, as far as anybody asked: settings as
 * they were last read, kept current by what the sessions report. Nothing is
 * kept over a gap, a reconnect or news that cannot be placed; a session that
 * left a change out, which the sweep brings to light, is not relied on again.
 */
export class LiveConfigurations {
  readonly #options: LiveConfigurationsOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #table = new SettingTable();
  readonly #devices = new Map<number, Watched>();

  constructor(options: LiveConfigurationsOptions, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Listens to the device's session, which must subscribe to /Configuration; a device made anew takes the place of the one before. */
  watch(device: Device): void {
    const { id } = device.address;
    const before = this.#devices.get(id);
    this.forget(id);
    const watched: Watched = {
      device,
      unsubscribe: () => undefined,
      identity: null,
      kept: null,
      readings: new Set(),
      suspects: new Map(),
      cancelTrial: null,
      distrusted: before?.distrusted ?? null,
    };
    this.#devices.set(id, watched);
    watched.unsubscribe = device.subscribe((news) => this.#hear(watched, news));
  }

  forget(id: number): void {
    const watched = this.#devices.get(id);
    if (watched === undefined) return;
    watched.unsubscribe();
    watched.cancelTrial?.();
    for (const reading of watched.readings) reading.isVoid = true;
    this.#devices.delete(id);
  }

  stop(): void {
    for (const id of this.#devices.keys()) this.forget(id);
  }

  /** A webhook told of the configuration: where that is not what is known, nothing is. */
  heardByPost(id: number, { leaves, gone }: Delta): void {
    const watched = this.#devices.get(id);
    const settings = watched?.kept?.settings;
    if (watched === undefined || settings === undefined) return;
    const isNews = [...leaves].some(([path, value]) => {
      const held = settings.get(pathKey(path));
      return held !== undefined && held?.value !== value;
    });
    if (isNews || gone.length > 0) drop(watched);
  }

  /** The device, answering from memory all that a plan asks of its configuration; null where it must be read. */
  known(desired: DesiredDevice, device: Device): KnownTarget | null {
    const watched = this.#devices.get(device.address.id);
    const { identity = null, kept = null } = watched ?? {};
    if (watched === undefined || identity === null || kept === null || !isTrusted(watched)) return null;
    const { readAt, settings, shape, paths } = kept;
    if (this.#clock.now() - readAt > this.#options.sweepMs()) return null;
    for (const path of desired.configuration.keys()) if (!settings.has(this.#table.key(path))) return null;
    const snapshot: KeptSettings = { settings, shape, paths };
    const through = throughDevice(device, {
      identify: () => Promise.resolve(identity),
      readConfiguration: () => Promise.resolve(new KeptConfiguration(snapshot)),
    });
    return { desired, device: through, readAt };
  }

  /**
   * The device itself, with an eye on what it answers and what is written to
   * it. `forPlan`: who answers is taken from the session while that is up.
   */
  observed(desired: DesiredDevice, device: Device, { forPlan }: { forPlan: boolean }): Device {
    const watched = this.#devices.get(device.address.id);
    if (watched === undefined) return device;
    return throughDevice(device, {
      ...(forPlan ? { identify: (options) => sessionIdentity(watched) ?? device.identify(options) } : {}),
      readConfiguration: async (options) => {
        const reading: Reading = { reported: new Map(), isVoid: false };
        watched.readings.add(reading);
        try {
          const readAt = this.#clock.now();
          const document = await device.readConfiguration(options);
          if (!reading.isVoid) this.#take(watched, { desired, document, reading, readAt });
          return document;
        } finally {
          watched.readings.delete(reading);
        }
      },
      writeConfiguration: (settings, options) => {
        // What is written is unknown until it is read back.
        for (const { path } of settings) watched.kept?.settings.delete(pathKey(path));
        for (const reading of watched.readings) reading.isVoid = true;
        return device.writeConfiguration(settings, options);
      },
    });
  }

  #hear(watched: Watched, news: SessionNews): void {
    if (news.type === 'delta') {
      if (news.delta.tree === 'Configuration') this.#change(watched, news.delta);
      return;
    }
    if (news.type === 'pinned') return;
    // A session reports only while it lives, and one that the device refused a subscription may not report this.
    drop(watched);
    const { state, errorCode } = watched.device.session();
    const reports = state === 'up' && errorCode === null;
    if (news.type === 'snapshot' && reports) watched.identity = news.identity;
    else if (!reports) watched.identity = null;
  }

  #change(watched: Watched, { leaves, gone }: Delta): void {
    const { kept, readings, suspects } = watched;
    for (const [path, value] of leaves) {
      const key = pathKey(path);
      for (const reading of readings) reading.reported.set(key, value);
      if (suspects.get(key) === value) suspects.delete(key);
      const held = kept?.settings.get(key);
      if (held) kept?.settings.set(key, this.#table.setting({ ...held, value }));
      else if (held === null || (kept !== null && isSpelledOtherwise(key, kept.settings))) drop(watched);
    }
    if (gone.length > 0) drop(watched);
    if (suspects.size === 0) endTrial(watched);
  }

  #take(
    watched: Watched,
    {
      desired,
      document,
      reading,
      readAt,
    }: { desired: DesiredDevice; document: ConfigurationDocument; reading: Reading; readAt: number },
  ): void {
    const before = watched.kept?.settings ?? new Map<string, HeldSetting | null>();
    const settings = new Map<string, HeldSetting | null>();
    for (const key of this.#wanted(desired, before)) {
      const held = document.find(key);
      const reported = reading.reported.get(key);
      // The answer may be older than the report: only the next reading will tell.
      if (reported !== undefined && reported !== held?.value) return drop(watched);
      settings.set(key, held === null ? null : this.#table.setting(held));
      const known = before.get(key);
      if (known !== undefined && known?.value !== held?.value) watched.suspects.set(key, held?.value ?? null);
    }
    if (watched.suspects.size > 0) this.#try(watched);
    const isMissing = [...settings.values()].includes(null);
    const paths = isMissing ? this.#table.paths(document) : null;
    watched.kept = { settings, shape: document.shape, paths, readAt };
  }

  /** What the file names now, what was asked for before (the approved state may name other settings), and what a plan looks at besides. */
  #wanted({ configuration }: DesiredDevice, before: ReadonlyMap<string, unknown>): ReadonlySet<string> {
    const isTooMuch = before.size > MANY_SETTINGS && before.size > 2 * configuration.size;
    const keys = new Set(isTooMuch ? [] : before.keys());
    for (const path of configuration.keys()) keys.add(this.#table.key(path));
    for (const path of ALSO_KEPT) keys.add(this.#table.key(path));
    return keys;
  }

  /** Gives reports that are under way their time. */
  #try(watched: Watched): void {
    const { device, suspects } = watched;
    if (watched.cancelTrial !== null) return;
    const convict = (): void => {
      watched.cancelTrial = null;
      watched.distrusted = watched.identity?.software ?? '';
      const settings = [...suspects.keys()].map((key) => watched.kept?.settings.get(key)?.path ?? key);
      suspects.clear();
      this.#logger.warn(
        { device: device.address.name, settings },
        'The configuration of a device changed and its session did not report it: it is read anew whenever it is asked for',
      );
    };
    watched.cancelTrial = this.#clock.after(this.#options.lateMs(), convict, { unref: true });
  }
}

/** A restore asks for all there are: of more than this, only what is asked for now is kept on. */
const MANY_SETTINGS = 500;

/** Settings that a plan looks at whether the file names them or not. */
const ALSO_KEPT: readonly PathText[] = [
  'HttpFeedback.TlsVerify',
  'Macros.Mode',
  'NetworkServices.Websocket',
  'RoomAnalytics.PeopleCountOutOfCall',
  'RoomAnalytics.PeoplePresenceDetector',
];

function drop(watched: Watched): void {
  watched.kept = null;
  for (const reading of watched.readings) reading.isVoid = true;
}

function endTrial(watched: Watched): void {
  watched.cancelTrial?.();
  watched.cancelTrial = null;
}

function sessionIdentity({ identity }: Watched): Promise<DeviceIdentity> | null {
  return identity === null ? null : Promise.resolve(identity);
}

function isTrusted({ distrusted, suspects, identity }: Watched): boolean {
  return suspects.size === 0 && (distrusted === null || distrusted !== identity?.software);
}

/** Whether a setting that is kept is perhaps this one: `Input.Gain` where `Input[1].Gain` was read. Another index is another setting. */
function isSpelledOtherwise(key: string, settings: ReadonlyMap<string, unknown>): boolean {
  const bare = withoutIndices(key);
  const indices = countIndices(key);
  for (const other of settings.keys())
    if (withoutIndices(other) === bare && countIndices(other) !== indices) return true;
  return false;
}

function withoutIndices(key: string): string {
  return key.replaceAll(/\[\d+\]/g, '');
}

function countIndices(key: string): number {
  return key.split('[').length;
}
