import type { Clock } from '../lib/clock.ts';

/** What can go wrong with a device, by the words of the control endpoint. */
export const FAULT_KINDS = [
  'latency',
  'drop',
  'half-open',
  'garbage',
  'malformed',
  'unavailable',
  'certificate',
  'serial',
  'slow',
  'clock',
  'offline',
  'passphrase-kept',
  'passphrase-cut-made',
  'passphrase-cut-unmade',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export function isFaultKind(word: string): word is FaultKind {
  return (FAULT_KINDS as readonly string[]).includes(word);
}

/** The faults that are on, and when they end. */
export class Faults {
  readonly #clock: Clock;
  readonly #changed: (kind: FaultKind, isOn: boolean) => void;
  readonly #active = new Map<FaultKind, () => void>();

  constructor({ clock, changed }: { clock: Clock; changed: (kind: FaultKind, isOn: boolean) => void }) {
    this.#clock = clock;
    this.#changed = changed;
  }

  has(kind: FaultKind): boolean {
    return this.#active.has(kind);
  }

  list(): FaultKind[] {
    return [...this.#active.keys()];
  }

  /** Strikes for so many seconds, or until `clear` where none are given. Striking again starts the time anew. */
  strike(kind: FaultKind, seconds: number | null): void {
    const wasOn = this.#active.has(kind);
    this.#active.get(kind)?.();
    const callOff =
      seconds === null
        ? () => undefined
        : this.#clock.after(seconds * 1_000, () => this.clear(kind), { unref: true });
    this.#active.set(kind, callOff);
    if (!wasOn || kind === 'drop') this.#changed(kind, true);
  }

  clear(kind: FaultKind): void {
    const callOff = this.#active.get(kind);
    if (callOff === undefined) return;
    callOff();
    this.#active.delete(kind);
    this.#changed(kind, false);
  }

  /** Ends the timers without ending the faults: the simulator stops. */
  stop(): void {
    for (const callOff of this.#active.values()) callOff();
    this.#active.clear();
  }
}
