import pLimit from 'p-limit';
import type { WebSessionsView } from '../actions/ports.ts';
import { sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Trouble } from '../xapi/keeper.ts';
import type { RemoteDevice } from '../xapi/remote-device.ts';
import type { SessionCount } from '../xapi/session-count.ts';
import type { FleetDevices } from './fleet-devices.ts';

export interface WebSessionWatchOptions {
  /** The sessions of each device are counted this often; those of a crowded one more often. */
  readonly everyMs: number;
  readonly crowdedMs?: number;
  /** So many are left free for people. */
  readonly leaveFree: () => number;
}

/** Devices that are asked at a time. */
const AT_ONCE = 4;
/** A session of roomd's that is on record for so long and is not the one in use was never ended. */
const LEAKED_MS = 10 * 60_000;

/**
 * Counts the web sessions of every device, now and then, and leaves enough of
 * them to people: on a device that is short of them roomd ends its own, and
 * those that it failed to end before. Sessions of others are never ended.
 */
export class WebSessionWatch implements Part {
  readonly name = 'web session watch';
  readonly #options: WebSessionWatchOptions;
  readonly #devices: FleetDevices;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #seen = new Map<number, WebSessionsView>();
  #counts = 0;
  readonly #crowded = new Set<number>();
  #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    options: WebSessionWatchOptions,
    parts: { devices: FleetDevices; clock: Clock; logger: Logger },
  ) {
    this.#options = options;
    this.#devices = parts.devices;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController();
    const { everyMs, crowdedMs = Math.min(60_000, everyMs) } = this.#options;
    const { signal } = this.#stopping;
    this.#running = Promise.all([
      this.#follow(everyMs, () => this.#devices.kept(), signal),
      this.#follow(
        crowdedMs,
        () => this.#devices.kept().filter(({ address }) => this.#crowded.has(address.id)),
        signal,
      ),
    ]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the count of web sessions stops'));
    await this.#running;
  }

  /** How often sessions were counted. */
  get counts(): number {
    return this.#counts;
  }

  /** As they were counted last; null before. */
  view(deviceId: number): WebSessionsView | null {
    return this.#seen.get(deviceId) ?? null;
  }

  async #follow(everyMs: number, devices: () => readonly RemoteDevice[], signal: AbortSignal): Promise<void> {
    const limit = pLimit(AT_ONCE);
    while (!signal.aborted) {
      await sleep(everyMs, this.#clock, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const reached = devices().filter((device) => REACHED.has(device.session().state));
      await Promise.all(reached.map((device) => limit(() => this.#look(device, signal))));
    }
  }

  /** What the device does not tell is no failure: its account may be no administrator. */
  async #look(device: RemoteDevice, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { id, name } = device.address;
    try {
      const software = this.#devices.row(name)?.software ?? null;
      const count = await device.countWebSessions({ software, signal });
      this.#counts += 1;
      this.#seen.set(id, { ...count, countedAt: this.#clock.now() });
      await this.#leave(device, count);
    } catch (error) {
      if (!signal.aborted)
        this.#logger.debug({ device: name, error: messageOf(error) }, 'web sessions could not be counted');
    }
  }

  async #leave(device: RemoteDevice, count: SessionCount): Promise<void> {
    const { id, name } = device.address;
    const was = this.#crowded.has(id);
    const isCrowded = isShort(count, { leaveFree: this.#options.leaveFree(), was });
    if (!isCrowded && !was) return;
    if (isCrowded) this.#crowded.add(id);
    else this.#crowded.delete(id);
    await device.leaveWebSessions(isCrowded ? troubleOf(count) : null);
    if (isCrowded !== was)
      this.#logger.warn(
        { device: name, ...count },
        isCrowded ? CROWDED : 'The device has web sessions to spare again',
      );
    if (isCrowded) await this.#devices.endLeaked(device, { openedBefore: this.#clock.now() - LEAKED_MS });
  }
}

const REACHED: ReadonlySet<string> = new Set(['up', 'up-https']);

const CROWDED =
  'The device is short of web sessions: roomd ends its own and begins none until there are more';

/** One session more must be free before roomd takes one again, so that it does not itself make the device short of them. */
export function isShort(
  { free }: SessionCount,
  { leaveFree, was }: { readonly leaveFree: number; readonly was: boolean },
): boolean {
  return was ? free <= leaveFree : free < leaveFree;
}

function troubleOf(count: SessionCount): Trouble {
  return { code: 'busy', message: shortOfSessions(count) };
}

/** A sentence with what to do. */
export function shortOfSessions({ total, ofAccount, mostInAll, mostPerUser }: SessionCount): string {
  return (
    `short of web sessions: ${total} of ${mostInAll} are open, ${ofAccount} of ${mostPerUser} of this account; ` +
    'roomd leaves them to people and reads more slowly; end those that nobody uses (xCommand Security Session Terminate), or restart the device'
  );
}
