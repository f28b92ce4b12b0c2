const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MOST_CACHED = 20_000;

/**
 * The wall clock of one time zone. Wall times are numbers of their own kind:
 * what `Date.UTC` gives for the year, month, day, hour and minute on the wall.
 */
export class ZoneClock {
  readonly name: string;
  /** To the second. */
  readonly #wallOf: (at: number) => number;
  readonly #offsets = new Map<number, number>();
  #latest = { at: Number.NaN, wall: Number.NaN };

  /** @throws RangeError for a name that is no IANA time zone */
  constructor(name: string) {
    this.name = name;
    this.#wallOf = wallClock(name);
  }

  /** What the clock on the wall shows at an instant. */
  wallAt(at: number): number {
    if (this.#latest.at !== at) this.#latest = { at, wall: at + this.offsetAt(at) };
    return this.#latest.wall;
  }

  /** Wall time minus UTC, in milliseconds. Clocks do not change twice within an hour, so its two ends tell most instants. */
  offsetAt(at: number): number {
    const hour = Math.floor(at / HOUR_MS) * HOUR_MS;
    const before = this.#offsetAtHour(hour);
    return before === this.#offsetAtHour(hour + HOUR_MS) ? before : this.#compute(at);
  }

  /** Whether the wall showed this very minute once before, because the clocks were put back. */
  isRepeated(at: number): boolean {
    const now = this.offsetAt(at);
    return [3 * HOUR_MS, 25 * HOUR_MS].some((span) => {
      const before = this.offsetAt(at - span);
      return before > now && this.offsetAt(at + now - before) === before;
    });
  }

  /** When the clock on the wall shows `wall`, in order: twice where the clocks are put back, never where they are put forward past it. */
  instantsOf(wall: number): number[] {
    const offsets = new Set([this.offsetAt(wall - DAY_MS), this.offsetAt(wall + DAY_MS)]);
    return [...offsets]
      .map((offset) => wall - offset)
      .filter((at) => this.wallAt(at) === wall)
      .toSorted((a, b) => a - b);
  }

  #offsetAtHour(hour: number): number {
    const known = this.#offsets.get(hour);
    if (known !== undefined) return known;
    if (this.#offsets.size >= MOST_CACHED) this.#offsets.clear();
    const offset = this.#compute(hour);
    this.#offsets.set(hour, offset);
    return offset;
  }

  #compute(at: number): number {
    return this.#wallOf(at) - Math.floor(at / 1000) * 1000;
  }
}

/**
 * What the clock on the wall of a time zone shows at an instant, to the second. A `ZoneClock` shows the same and keeps what it computed.
 * @throws RangeError for a name that is no IANA time zone
 */
export function wallClock(timezone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
}

/** `2026-03-29 02:30` of a wall time. */
export function formatWall(wall: number): string {
  return new Date(wall).toISOString().slice(0, 16).replace('T', ' ');
}

/** One clock per zone, made when first asked for. */
export function zoneClocks(): (name: string) => ZoneClock {
  const clocks = new Map<string, ZoneClock>();
  return (name) => {
    const known = clocks.get(name);
    if (known !== undefined) return known;
    const made = new ZoneClock(name);
    clocks.set(name, made);
    return made;
  };
}
