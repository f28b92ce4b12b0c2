import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BookingReader } from '../../feedback/booking-reader.ts';
import { Live } from '../../feedback/live.ts';
import { Projector } from '../../feedback/projector.ts';
import { Recorder } from '../../feedback/recorder.ts';
import type { DesiredDevice, Fleet } from '../../fleet/fleet.ts';
import { observeOccupancy } from '../../fleet/occupancy.ts';
import { sleep } from '../../lib/abort.ts';
import { ManualClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { uuidv7 } from '../../lib/random.ts';
import { MACRO_DEFAULTS, MacroEngine } from '../../macros/engine.ts';
import { fleetFacts, type MacroPorts, type MacroState, macroStateOf } from '../../macros/ports.ts';
import { roomRecords } from '../../macros/room-records.ts';
import type { RunRecord } from '../../macros/run-store.ts';
import { openDatabase } from '../../storage/open-database.ts';
import { IdleDatabase } from './idle-database.ts';
import { InProcessDevice } from './in-process-device.ts';

export interface RehearsalOptions {
  readonly fleet: Fleet;
  /** UTC milliseconds at which it begins. */
  readonly start: number;
  readonly mode: 'observe' | 'enforce';
  readonly seed: number;
}

/** A message that would have been sent. */
export interface Told {
  readonly to: string;
  readonly text: string;
  readonly at: number;
}

const QUARTER_MS = 15 * 60_000;
/** Where nothing is kept on a disk, so that a week of small writes takes seconds. */
const MEMORY = '/dev/shm';
/** Two looks of the real daemon lie closer together; nobody waits in virtual time, and a week has many. */
const LOOK_MS = 60_000;
const LOOK_AT_ROOMS_MS = 15_000;

/**
 * The macros of a fleet in virtual time: real engine, recorder and records
 * over simulated devices in this process, with no wire and no service. What a
 * macro sends is kept and goes nowhere.
 */
export class Rehearsal {
  readonly clock: ManualClock;
  readonly told: Told[] = [];
  /** Why nothing may act now; null where it may. */
  held: string | null = null;
  readonly #options: RehearsalOptions;
  readonly #devices = new Map<string, InProcessDevice>();
  readonly #live = new Live();
  readonly #folder: string;
  readonly #database: IdleDatabase;
  readonly #recorder: Recorder;
  readonly #projector: Projector;
  readonly #bookings: BookingReader;
  readonly #engine: MacroEngine;

  /** `begin` makes one. */
  private constructor(options: RehearsalOptions, folder: string, database: IdleDatabase) {
    const { start } = options;
    this.#options = options;
    this.#folder = folder;
    this.#database = database;
    const clock = new ManualClock(start, () => database.idle());
    this.clock = clock;
    const logger = silentLogger;
    this.#recorder = new Recorder(
      { slotTrustMs: QUARTER_MS, aliveMs: QUARTER_MS, gatherMs: 0, onDoubt: () => undefined },
      { database, clock, live: this.#live, logger },
    );
    this.#projector = new Projector({}, { database, clock, logger });
    this.#bookings = new BookingReader(
      { everyMs: QUARTER_MS },
      {
        listed: (deviceId, payload) => this.#recorder.listed(deviceId, payload),
        privacy: () => this.#recorder.privacy,
        clock,
      },
    );
    this.#engine = new MacroEngine(
      {
        ...MACRO_DEFAULTS,
        tick: { ...MACRO_DEFAULTS.tick, lookMs: LOOK_MS },
        triggers: { ...MACRO_DEFAULTS.triggers, lookMs: LOOK_AT_ROOMS_MS },
        timing: { ...MACRO_DEFAULTS.timing, pollMs: 1_000 },
      },
      { database, ports: this.#ports(), clock, newId: uuidv7(clock), logger },
    );
  }

  static async begin(options: RehearsalOptions): Promise<Rehearsal> {
    const base = await access(MEMORY).then(
      () => MEMORY,
      () => tmpdir(),
    );
    const folder = await mkdtemp(join(base, 'roomd-rehearsal-'));
    const clock = new ManualClock(options.start);
    const path = join(folder, 'roomd.db');
    const opened = await openDatabase({ path, readers: 1, clock, logger: silentLogger });
    const rehearsal = new Rehearsal(options, folder, new IdleDatabase(opened));
    try {
      await rehearsal.#start();
    } catch (error) {
      await rehearsal.end();
      throw error;
    }
    return rehearsal;
  }

  device(name: string): InProcessDevice | null {
    return this.#devices.get(name) ?? null;
  }

  /** Lets time pass: every timer at its moment, and what it began to its end before the next. */
  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  /** Lets what was begun come to its end, without time going on. */
  async settle(): Promise<void> {
    await this.#database.idle();
  }

  /** Runs, oldest first. */
  async runs(): Promise<RunRecord[]> {
    return (await this.#engine.runs({ limit: 500 })).toReversed();
  }

  /** Runs a macro by hand; it goes on while time does. */
  async runByHand(macro: string, device: string | null): Promise<void> {
    await this.#engine.runNow(macro, device, { actor: 'test' });
  }

  async end(): Promise<void> {
    const stopping = this.#stop();
    const ended = stopping.then(
      () => true,
      () => true,
    );
    // What still waits in virtual time is to come to its end, too.
    for (let turn = 0; turn < 200; turn += 1) {
      await this.clock.advance(1_000);
      if (await Promise.race([ended, new Promise<false>((resolve) => setImmediate(() => resolve(false)))]))
        break;
    }
    await stopping;
  }

  async #stop(): Promise<void> {
    await this.#engine.stop();
    await this.#bookings.stop();
    await this.#recorder.stop();
    await this.#projector.stop();
    for (const { state } of this.#devices.values()) state.core.forgetTimers();
    await this.#database.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const { fleet, start, seed } = this.#options;
    const rows = fleet.devices.map(({ name, host }, at) => ({ id: at + 1, name, host, created_at: start }));
    if (rows.length > 0) await this.#database.write([this.#database.query.insertInto('device').values(rows)]);
    await this.#projector.start();
    await this.#recorder.start();
    this.#recorder.allow({ ...fleet.privacy, key: 'rehearsal' });
    await this.#bookings.start();
    for (const [at, desired] of fleet.devices.entries()) {
      const device = new InProcessDevice(
        { name: desired.name, id: at + 1, seed: seed * 1_000 + at, kind: desired.kind ?? 'room' },
        { clock: this.clock },
      );
      for (const [path, value] of [...SEEING, ...settingsOf(desired)])
        device.state.setConfiguration(path, value);
      this.#devices.set(desired.name, device);
      this.#recorder.watch(device, desired.feedback.expressions);
      this.#bookings.follow(device);
    }
    this.#engine.reload(fleet);
    await this.#engine.start();
    await this.settle();
  }

  #posted(to: string, text: string): Promise<string> {
    this.told.push({ to, text, at: this.clock.now() });
    return Promise.resolve(`${to}-${this.told.length}`);
  }

  #ports(): MacroPorts {
    const idOf = (name: string): number =>
      this.#options.fleet.devices.findIndex((one) => one.name === name) + 1;
    const stateOf = (name: string): MacroState =>
      macroStateOf(this.#live.get(idOf(name)), this.#live.sensors(idOf(name)));
    return {
      device: (name) => this.device(name),
      state: stateOf,
      mode: () => this.#options.mode,
      mayAct: (desired) =>
        this.held !== null && desired?.protected !== true ? { ok: false, reason: this.held } : { ok: true },
      enqueue: (to, { markdown }) => {
        this.told.push({ to, text: markdown, at: this.clock.now() });
        return Promise.resolve(`message-${this.told.length}`);
      },
      // Nobody of a space answers in a rehearsal; who is in the room does.
      ask: async (to, { text, options, withinMs }, { signal }) => {
        this.told.push({ to, text: [text, ...options].join(' / '), at: this.clock.now() });
        await sleep(withinMs, this.clock, { signal });
        return { answered: false, choice: 0, by: '' };
      },
      spaces: {
        create: (title) => this.#posted('space', title),
        invite: async (roomId, email) => void (await this.#posted(roomId, email)),
        post: (roomId, { markdown }) => this.#posted(roomId, markdown ?? ''),
        archive: async (roomId) => void (await this.#posted(roomId, 'archived')),
        remove: async (roomId) => void (await this.#posted(roomId, 'deleted')),
      },
      occupancy: (name, signal) => {
        const device = this.device(name);
        return device === null
          ? Promise.resolve({ state: 'unknown', reason: 'there is no such device' })
          : observeOccupancy(device, { now: () => this.clock.now(), signal });
      },
      records: (name, signal) =>
        roomRecords(
          this.#database,
          {
            deviceId: idOf(name),
            desired: this.#options.fleet.devices.find((one) => one.name === name),
            now: this.clock.now(),
          },
          { signal },
        ),
      fleet: () => {
        const seen = this.#options.fleet.devices.map(({ name }) => ({
          name,
          session: this.device(name)?.session().state ?? null,
          state: stateOf(name),
        }));
        return Promise.resolve(fleetFacts(seen, 0));
      },
      ...noServices(),
    };
  }
}

/** Meetings that nobody but these rooms is in, and a contact centre in which nobody is ready. */
function noServices(): Pick<MacroPorts, 'meetings' | 'finesse'> {
  let made = 0;
  return {
    meetings: {
      schedule: () => {
        made += 1;
        return Promise.resolve({
          meetingId: `meeting-${made}`,
          sipAddress: `meeting-${made}@meetings.invalid`,
          undo: () => Promise.resolve(),
        });
      },
    },
    finesse: { teamReady: () => Promise.resolve({ agent: null, why: 'nobody is ready in a rehearsal' }) },
  };
}

/** Without them a device tells nothing of people; a real one has them as the file says. */
const SEEING = [
  ['RoomAnalytics.PeoplePresenceDetector', 'On'],
  ['RoomAnalytics.PeopleCountOutOfCall', 'On'],
] as const;

/** What the model does not have is left out: a rehearsal is about macros. */
function settingsOf({ configuration }: DesiredDevice): [string, string][] {
  return [...configuration].flatMap(([path, { value }]) =>
    typeof value === 'string' ? [[path, value] as [string, string]] : [],
  );
}
