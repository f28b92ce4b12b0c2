export interface BenchOptions {
  readonly rounds: number;
  /** A tenth of the size, to see that it works; its ratios mean little. */
  readonly small: boolean;
  /** The vendor's schema file of RoomOS 26.4.1; null for the built-in room model. */
  readonly schemaFile: string | null;
  /** Where the measured processes leave CPU profiles, null for none. */
  readonly profile: string | null;
  readonly out: (line: string) => void;
}

/** Measures, prints one table, and says what it came to. */
export type Benchmark = (options: BenchOptions) => Promise<Outcome>;

export interface Outcome {
  readonly ratio: number;
  readonly limit: number;
  /** Facts beside the ratio that are held to a limit too. */
  readonly checks: readonly Check[];
}

export interface Check {
  readonly what: string;
  readonly value: number;
  readonly most: number;
}

/** The closing lines of a benchmark. What could not be measured is over. */
export function judge(name: string, { ratio, limit, checks }: Outcome): { lines: string[]; isOver: boolean } {
  const lines = checks.map(
    ({ what, value, most }) => `check: ${what} ${value} (limit ${most}) ${verdict(value, most)}`,
  );
  lines.push(`bench ${name}: ratio ${ratio.toFixed(2)} (limit ${limit}) ${verdict(ratio, limit)}`);
  return { lines, isOver: lines.some((line) => line.endsWith(' over')) };
}

function verdict(value: number, most: number): 'ok' | 'over' {
  return value <= most ? 'ok' : 'over';
}
