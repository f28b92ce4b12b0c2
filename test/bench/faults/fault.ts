/** One row of the table: what is done to roomd, what must come of it, and a look at what came. */
export interface Fault {
  readonly fault: string;
  readonly expected: string;
  /** What was seen, in the words of `expected` where all is well; null where it cannot be tried here. */
  try(): Promise<string | null>;
}

/** How much of a fault is done; a line says it. */
export interface FaultOptions {
  /** How often a process is killed. */
  readonly kills: number;
  /** How long a process is stopped. */
  readonly stopSeconds: number;
  /** How long another process locks the database. */
  readonly lockSeconds: number;
}

/** @returns the line, and whether what was seen is what was expected */
export async function tryFault(one: Fault): Promise<{ line: string; isOk: boolean }> {
  const { fault, expected } = one;
  const seen = await one.try().catch((error: unknown) => `failed: ${String(error)}`);
  const verdict = seen === null ? 'skipped' : seen === expected ? 'ok' : 'NOT OK';
  return {
    line: `${fault} | ${expected} | ${seen ?? 'cannot be tried on this machine'} | ${verdict}`,
    isOk: verdict !== 'NOT OK',
  };
}
