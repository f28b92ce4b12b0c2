import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Where a command prints. Results go to `out`; progress, warnings and errors to `err`. */
export interface Terminal {
  readonly isInteractive: boolean;
  /** Columns of the screen; wide where output is no terminal, so that nothing is cut in a pipe. */
  readonly columns: number;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** As `out` without a line end, and waits while whoever reads it is slow; absent where everything is taken at once. */
  readonly write?: (text: string) => Promise<void>;
  readonly style: (style: Style, text: string) => string;
  /** Asks a question that is answered with yes or no; only where `isInteractive`. */
  readonly confirm: (question: string, signal: AbortSignal) => Promise<boolean>;
  /** Asks for a text that does not show while it is typed; only where `isInteractive`. */
  readonly askSecret?: (question: string, signal: AbortSignal) => Promise<string>;
  /** All that comes on standard input, without the line end behind it. */
  readonly input?: (signal: AbortSignal) => Promise<string>;
}

/** Rows as aligned columns, cut to the screen; the last column is never padded. */
export function table(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.map((row) => {
    const line = row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ');
    return line.length > columns ? `${line.slice(0, Math.max(1, columns - 1))}…` : line;
  });
}

/** "1 device", "2 devices". */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

/** `2 passed, 1 off`. */
export function tally(states: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
}
