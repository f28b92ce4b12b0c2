import { BookingReader } from '../../../src/feedback/booking-reader.ts';
import { Live } from '../../../src/feedback/live.ts';
import { parsePost } from '../../../src/feedback/parse.ts';
import { Projector } from '../../../src/feedback/projector.ts';
import { Recorder } from '../../../src/feedback/recorder.ts';
import { slotResource } from '../../../src/feedback/slot-resource.ts';
import { Sweeper } from '../../../src/feedback/sweeper.ts';
import { Utilisation } from '../../../src/feedback/utilisation/utilisation.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import type { Database } from '../../../src/storage/database.ts';
import { desiredRoom } from '../support.ts';
import { DAY, MINUTE } from '../utilisation/support.ts';
import { LinkedDevice } from './linked-device.ts';
import type { SimulatedRoom } from './simulated-room.ts';

/** What the slots carry. */
const EXPRESSIONS = [
  '/Status/RoomAnalytics',
  '/Status/Standby',
  '/Status/Call',
  '/Event/BootEvent',
  '/Event/CallDisconnect',
];

/** The daemon's own, with the file's defaults. */
const TIMING = {
  sweepMs: 15 * MINUTE,
  slotCheckMs: 5 * MINUTE,
  slotTrustMs: 2 * MINUTE,
  postGraceMs: 20_000,
};

const IDENTITY = { serial: '', product: '', software: '', systemName: null };

/** Everything in roomd that hears rooms and makes records of it, put together as the daemon does; once for each time that it runs. */
export class ListeningRoomd {
  readonly #clock: ProcessClock;
  readonly #rooms: readonly SimulatedRoom[];
  readonly #devices: readonly LinkedDevice[];
  readonly #projector: Projector;
  readonly #recorder: Recorder;
  readonly #sweeper: Sweeper;
  readonly #bookings: BookingReader;
  readonly #utilisation: Utilisation;
  readonly #slots: ReturnType<typeof slotResource>;

  constructor(
    rooms: readonly SimulatedRoom[],
    { aliveMs }: { aliveMs: number },
    { database, clock }: { database: Database; clock: Clock },
  ) {
    const process = new ProcessClock(clock);
    const parts = { database, clock: process, logger: silentLogger };
    this.#clock = process;
    this.#rooms = rooms;
    this.#devices = rooms.map(
      (room) => new LinkedDevice(room, { expressions: EXPRESSIONS }, { clock: process }),
    );
    this.#projector = new Projector({}, parts);
    const recorder = new Recorder(
      {
        ...TIMING,
        aliveMs,
        gatherMs: 0,
        onSlotDoubt: (deviceId) => this.#lookAt(deviceId),
        onDoubt: (deviceId) => this.#sweeper.doubt(deviceId),
      },
      { ...parts, live: new Live() },
    );
    this.#recorder = recorder;
    this.#sweeper = new Sweeper(TIMING, {
      ...parts,
      devices: () => this.#devices,
      reading: (...reading) => recorder.reading(...reading),
    });
    this.#bookings = new BookingReader(
      { everyMs: TIMING.sweepMs },
      {
        listed: (...list) => recorder.listed(...list),
        privacy: () => recorder.privacy,
        clock: process,
      },
    );
    this.#utilisation = new Utilisation(
      { recordsKeptMs: () => 400 * DAY },
      { ...parts, projectAll: () => this.#projector.projectAll() },
    );
    this.#slots = slotResource({
      urlFor: ({ address }) => ({ url: `http://roomd.example.com/feedback/token-${address.id}` }),
      isSelfSigned: false,
      onSeen: ({ address }, { slots, healthy }) =>
        recorder.slotSeen(address.id, healthy.length > 0, {
          carried: healthy,
          doubt: slots.some(({ status }) => status === 'Failed') ? 'the device gave up' : null,
        }),
    });
  }

  async start(): Promise<void> {
    await this.#projector.projectAll();
    await this.#recorder.start();
    await this.#bookings.start();
    await this.#sweeper.start();
    for (const room of this.#rooms) room.open((deviceId, body) => this.#accept(deviceId, body));
    for (const device of this.#devices) {
      this.#recorder.watch(device, EXPRESSIONS);
      this.#bookings.follow(device);
      device.subscribe((news) => {
        if (news.type === 'snapshot') this.#lookAt(device.address.id);
      });
      device.start();
    }
    this.#lookAtAllLater();
    this.#rollUpLater();
  }

  /** As an operator does. */
  async stop(): Promise<void> {
    for (const room of this.#rooms) room.open(null);
    await this.#utilisation.catchUp(new AbortController().signal);
    await this.#sweeper.stop();
    await this.#bookings.stop();
    await this.#recorder.stop();
    this.kill();
  }

  /** Nothing of it happens any more. */
  kill(): void {
    for (const room of this.#rooms) room.open(null);
    for (const device of this.#devices) device.drop();
    this.#clock.end();
  }

  async #accept(deviceId: number, body: Buffer): Promise<boolean> {
    const post = parsePost(body);
    if (post.type !== 'feedback') return false;
    return this.#recorder.accept(deviceId, post.deltas).then(
      () => true,
      () => false,
    );
  }

  #lookAtAllLater(): void {
    this.#clock.after(TIMING.slotCheckMs, () => {
      for (const { address } of this.#devices) this.#lookAt(address.id);
      this.#lookAtAllLater();
    });
  }

  /** Not every minute as the daemon does, but as often as there is something to roll up, which comes to the same sooner. */
  #rollUpLater(): void {
    this.#clock.after(15 * MINUTE, () => {
      void this.#utilisation.catchUp(new AbortController().signal);
      this.#rollUpLater();
    });
  }

  #lookAt(deviceId: number): void {
    const device = this.#devices.find(({ address }) => address.id === deviceId);
    if (device !== undefined) void this.#keepSlots(device).catch(() => undefined);
  }

  /** Looks, puts right what is not as it should be, and looks again, as the reconciler does. */
  async #keepSlots(device: LinkedDevice): Promise<void> {
    const desired = desiredRoom(device.address.name, { expressions: EXPRESSIONS });
    const seen = await this.#slots.observe(device, desired, IDENTITY, {});
    const { changes } = this.#slots.diff(desired, seen);
    if (changes.length === 0) return;
    await this.#slots.apply(device, changes, {});
    await this.#slots.observe(device, desired, IDENTITY, {});
  }
}

/** The time of one process: what is to happen later does not, once the process has ended. */
class ProcessClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  after(delayMs: number, run: () => void): () => void {
    const callOff = (): void => {
      this.#timers.delete(callOff);
      cancel();
    };
    const cancel = this.#clock.after(delayMs, () => {
      this.#timers.delete(callOff);
      run();
    });
    this.#timers.add(callOff);
    return callOff;
  }

  end(): void {
    for (const callOff of this.#timers) callOff();
  }
}
