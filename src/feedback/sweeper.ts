import pLimit from 'p-limit';
import { sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Device, LeafMap } from '../xapi/device.ts';
import { SNAPSHOT_NODES } from './words.ts';

export interface SweeperOptions {
  /** Every device is read so often, whatever its channels told. */
  readonly sweepMs: number;
  /** Between two readings that contradict the record, for posts under way; 5 s when left out. */
  readonly confirmMs?: number;
  /** Devices read at a time; 8 when left out. */
  readonly atOnce?: number;
}

interface Collaborators {
  readonly devices: () => readonly Device[];
  /** Takes a reading; false asks for another, conclusive one. `Recorder.reading`. */
  readonly reading: (deviceId: number, status: LeafMap, options: { conclusive: boolean }) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Reads the state of devices again: all on a timer, and one where record and device may disagree. */
export class Sweeper implements Part {
  readonly name = 'sweeper';
  readonly #sweepMs: number;
  readonly #confirmMs: number;
  readonly #collaborators: Collaborators;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #reading = new Map<number, Promise<boolean>>();
  #stopping = new AbortController();
  #loop: Promise<void> | null = null;

  constructor({ sweepMs, confirmMs = 5_000, atOnce = 8 }: SweeperOptions, collaborators: Collaborators) {
    this.#sweepMs = sweepMs;
    this.#confirmMs = confirmMs;
    this.#collaborators = collaborators;
    this.#limit = pLimit(atOnce);
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController();
    this.#loop = this.#follow(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the sweeper stops'));
    await this.#loop;
    await Promise.all(this.#reading.values());
  }

  /** Reads one device soon; what it finds goes to the recorder. */
  doubt(deviceId: number): void {
    const device = this.#collaborators.devices().find(({ address }) => address.id === deviceId);
    if (device !== undefined) void this.#sweep(device);
  }

  /** Reads every device that has a session. */
  async sweepAll(): Promise<{ read: number; failed: number }> {
    const heard = this.#collaborators
      .devices()
      .filter((device) => ['up', 'up-https'].includes(device.session().state));
    const results = await Promise.all(heard.map((device) => this.#sweep(device)));
    const read = results.filter(Boolean).length;
    return { read, failed: results.length - read };
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#collaborators;
    while (!signal.aborted) {
      await sleep(this.#sweepMs, clock, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      logger.debug(await this.sweepAll(), 'the state of devices was read again');
    }
  }

  #sweep(device: Device): Promise<boolean> {
    const { id } = device.address;
    const running = this.#reading.get(id);
    if (running !== undefined) return running;
    const reading = this.#limit(() => this.#read(device)).finally(() => this.#reading.delete(id));
    this.#reading.set(id, reading);
    return reading;
  }

  /** @returns false where the device did not answer, which its session tells of */
  async #read(device: Device): Promise<boolean> {
    const { reading, clock } = this.#collaborators;
    const { signal } = this.#stopping;
    const { id } = device.address;
    try {
      if (reading(id, await readStatus(device, signal), { conclusive: false })) return true;
      await sleep(this.#confirmMs, clock, { signal });
      reading(id, await readStatus(device, signal), { conclusive: true });
      return true;
    } catch {
      return false;
    }
  }
}

async function readStatus(device: Device, signal: AbortSignal): Promise<LeafMap> {
  const status = new Map<string, string>();
  for (const node of SNAPSHOT_NODES) {
    for (const [path, value] of await device.readStatus(node, { signal })) status.set(path, value);
  }
  return status;
}
