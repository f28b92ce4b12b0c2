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

  constructor(fleet: Counters | null = null) {
    this.handshakes = new Gauge(fleet?.handshakes ?? null);
    this.httpRequests = new Gauge(fleet?.httpRequests ?? null);
  }

  count(kind: string): void {
    this.requests.set(kind, (this.requests.get(kind) ?? 0) + 1);
  }
}
