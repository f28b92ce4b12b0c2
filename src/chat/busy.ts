/** Work for one person that goes on at one time. */
const MOST_OF_ONE = 5;

/** How much goes on for each person: somebody who asks for much that takes long waits for some of it first. */
export class Busy {
  readonly #counts = new Map<string, number>();

  /** @returns what the work answers, or that it is not begun */
  async during(personId: string, work: () => Promise<string>): Promise<string> {
    const count = this.#counts.get(personId) ?? 0;
    if (count >= MOST_OF_ONE) return `I do ${count} things for you already; let me end one of them first.`;
    this.#counts.set(personId, count + 1);
    try {
      return await work();
    } finally {
      const left = (this.#counts.get(personId) ?? 1) - 1;
      if (left === 0) this.#counts.delete(personId);
      else this.#counts.set(personId, left);
    }
  }
}
