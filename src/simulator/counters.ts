import type { Store, Touch } from './write-watch.ts';

/** Counts something that goes on at the same time, and the most there ever was; also for the whole fleet. */
export class Gauge {
  readonly #fleet: Gauge | null;
  #now = 0;
  #most = 0;

  constructor(fleet: Gauge | null = null) {
    this.#fleet = fleet;
  }

  get now(): number {
    return this.#now;
  }

  get most(): number {
    return this.#most;
  }

  /** One more goes on; the returned function ends it, once. */
  begin(): () => void {
    this.#now += 1;
    this.#most = Math.max(this.#most, this.#now);
    const endFleet = this.#fleet?.begin();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#now -= 1;
      endFleet?.();
    };
  }
}

/** What a device has served; the control endpoint shows it. */
export class Counters {
  /** By kind: "GET /status.xml", "POST /putxml", "xGet", "xCommand/Dial", … */
  readonly requests = new Map<string, number>();
  connections = 0;
  feedbackPosts = 0;
  readonly handshakes: Gauge;
  readonly httpRequests: Gauge;
  /** Of a device, its writes under way; of the fleet, the devices that have any. */
  readonly writes: Gauge;
  /** How often each store was written. */
  readonly written = new Map<Store, number>();
  /** Of these, how often nothing of it had been read since the write before. */
  readonly unread = new Map<Store, number>();
  readonly #fleet: Counters | null;
  readonly #read = new Set<Store>();
  #endFleet: () => void = () => undefined;

  constructor(fleet: Counters | null = null) {
    this.handshakes = new Gauge(fleet?.handshakes ?? null);
    this.httpRequests = new Gauge(fleet?.httpRequests ?? null);
    this.writes = new Gauge();
    this.#fleet = fleet;
  }

  /** A request reads or writes a store; the returned function says that it was answered. */
  touch({ store, isWrite }: Touch): () => void {
    if (!isWrite) {
      this.#read.add(store);
      return () => undefined;
    }
    this.written.set(store, (this.written.get(store) ?? 0) + 1);
    if (!this.#read.delete(store)) this.unread.set(store, (this.unread.get(store) ?? 0) + 1);
    if (this.writes.now === 0) this.#endFleet = this.#fleet?.writes.begin() ?? (() => undefined);
    const end = this.writes.begin();
    return () => {
      end();
      if (this.writes.now === 0) this.#endFleet();
    };
  }

  count(kind: string): void {
    this.requests.set(kind, (this.requests.get(kind) ?? 0) + 1);
  }
}
