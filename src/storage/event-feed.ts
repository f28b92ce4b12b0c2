/**
 * Tells, in this process, that events were appended: after the write that held
 * them is on the disk, listeners learn the highest seq so far. It says no more
 * than "read on": a listener reads what is new from the place it has come to.
 */
export class EventFeed {
  readonly #listeners = new Set<(seq: number) => void>();
  #lastSeq = 0;
  #isTelling = false;

  /** The highest seq appended by this process; 0 before the first. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** @returns what ends the listening */
  onAppended(listener: (seq: number) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Called by the database alone. The writes of one commit are told once. A listener that throws does not reach the writers of the events. */
  announce(seq: number): void {
    this.#lastSeq = Math.max(this.#lastSeq, seq);
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
    });
    for (const listener of this.#listeners) queueMicrotask(() => listener(this.#lastSeq));
  }
}
