/** A half-open span of time [from, to), UTC milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The same time as spans that neither touch nor overlap, in order. */
export function merged(spans: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.from - other.from)) {
    const last = whole.at(-1);
    if (last !== undefined && span.from <= last.to)
      whole[whole.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else whole.push(span);
  }
  return whole;
}

export function common(some: readonly Span[], others: readonly Span[]): Span[] {
  return some.flatMap((one) =>
    others
      .map((other) => ({ from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) }))
      .filter(({ from, to }) => from < to),
  );
}

export function without(spans: readonly Span[], holes: readonly Span[]): Span[] {
  let left = [...spans];
  for (const hole of holes)
    left = left.flatMap((span) =>
      [
        { from: span.from, to: Math.min(span.to, hole.from) },
        { from: Math.max(span.from, hole.to), to: span.to },
      ].filter(({ from, to }) => from < to),
    );
  return left;
}

/** Each span so much longer at its ends; negative is shorter. */
export function grown(spans: readonly Span[], beforeMs: number, afterMs: number): Span[] {
  return spans
    .map(({ from, to }) => ({ from: from - beforeMs, to: to + afterMs }))
    .filter(({ from, to }) => from < to);
}

export function length(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** Something that holds or not, noted as it changes. */
export class Noted {
  readonly #spans: Span[] = [];
  #since: number | null = null;

  set(holds: boolean, at: number): void {
    if (holds) this.#since ??= at;
    else this.spans(at);
    if (!holds) this.#since = null;
  }

  /** When it held, up to now. */
  spans(now: number): readonly Span[] {
    if (this.#since !== null && this.#since < now) this.#spans.push({ from: this.#since, to: now });
    this.#since = this.#since === null ? null : now;
    return merged(this.#spans);
  }
}
