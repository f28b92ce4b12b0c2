/** One row of the table: what is done to roomd, what must come of it, and a look at what came. */
export interface Fault {
  readonly fault: string;
  readonly expected: string;
  /** What was seen, in the words of `expected` where all is well; null where it cannot be tried here. */
  try(options: FaultOptions): Promise<string | null>;
}

export interface FaultOptions {
  /** How often a process is killed. */
  readonly kills: number;
}

/** @returns the line, and whether what was seen is what was expected */
export async function tryFault(one: Fault, options: FaultOptions): Promise<{ line: string; isOk: boolean }> {
  const { fault, expected } = one;
  const seen = await one.try(options).catch((error: unknown) => `failed: ${String(error)}`);
  const verdict = seen === null ? 'skipped' : seen === expected ? 'ok' : 'NOT OK';
  return {
    line: `${fault} | ${expected} | ${seen ?? 'cannot be tried on this machine'} | ${verdict}`,
    isOk: verdict !== 'NOT OK',
  };
}
