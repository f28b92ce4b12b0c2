/** What a run, or a part of one, holds until it is given back: names of devices on which no other macro acts meanwhile. */
export interface Turn {
  readonly keys: ReadonlySet<string>;
  /** The turn that whoever took this one held already. */
  readonly outer: Turn | null;
  giveBack(): void;
}
