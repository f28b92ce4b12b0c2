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
  /** Says how far long work has come, on a line that is written over; absent where nobody watches. */
  readonly progress?: (line: string) => void;
  readonly style: (style: Style, text: string) => string;
  /** Asks a question that is answered with yes or no; only where `isInteractive`. */
  readonly confirm: (question: string, signal: AbortSignal) => Promise<boolean>;
  /** Asks for a text that does not show while it is typed; only where `isInteractive`. */
  readonly askSecret?: (question: string, signal: AbortSignal) => Promise<string>;
  /** Shows an address in the browser, as far as one can be started; absent where there is no screen for one. */
  readonly browse?: (address: string) => Promise<boolean>;
  /** All that comes on standard input, without the line end behind it. */
  readonly input?: (signal: AbortSignal) => Promise<string>;
}

/** No column is made narrower than this. */
const LEAST_COLUMNS = 8;
const GAP = 2;

/**
 * Rows as aligned columns that fit the screen: where they would not, the widest
 * give way and what is cut ends in "…". The last column is never padded.
 */
export function table(rows: readonly (readonly string[])[], columns: number): string[] {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll(/\s*[\r\n]+\s*/g, ' ')));
  const widths = fitting(widthsOf(cells), columns);
  return cells.map((row) => {
    const line = row
      .map((cell, column) => {
        const width = widths[column] ?? cell.length;
        return column === row.length - 1 ? cut(cell, width) : cut(cell, width).padEnd(width);
      })
      .join(' '.repeat(GAP));
    return cut(line, columns);
  });
}

/** The text, with "…" for its end where it is longer. */
export function cut(text: string, columns: number): string {
  return text.length > columns ? `${text.slice(0, Math.max(1, columns - 1)).trimEnd()}…` : text;
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return widths;
}

/** The widest gives first, down to the next widest, until all fit or none can give more. */
function fitting(widths: readonly number[], columns: number): number[] {
  const fitted = [...widths];
  let excess = fitted.reduce((sum, width) => sum + width + GAP, -GAP) - columns;
  while (excess > 0) {
    const widest = Math.max(...fitted);
    if (widest <= LEAST_COLUMNS) break;
    // Of columns that are as wide, the last gives: names stand in front.
    fitted[fitted.lastIndexOf(widest)] = widest - 1;
    excess -= 1;
  }
  return fitted;
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
