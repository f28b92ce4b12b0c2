/** Bytes of UTF-8 that one message may have (cloud facts 1.4). */
export const MARKDOWN_LIMIT_BYTES = 7439;

const SMALLEST_LIMIT_BYTES = 128;
/** A longer opening line is not repeated when its code goes on in the next part; the bare marks are. */
const LONGEST_REOPENING_BYTES = 32;

/** A fenced code block that is open: its marks, and the line that opens it anew. */
interface Fence {
  readonly marks: string;
  readonly opening: string;
}

/**
 * Splits Markdown into parts of at most `limitBytes` bytes of UTF-8: between
 * paragraphs where a part is then at least half full, else between lines, else
 * between words, else between characters. A fenced code block that is cut is
 * closed and opened again. Parts are never blank.
 * @throws RangeError when `limitBytes` is less than 128
 */
export function splitMarkdown(text: string, limitBytes: number = MARKDOWN_LIMIT_BYTES): string[] {
  if (limitBytes < SMALLEST_LIMIT_BYTES) {
    throw new RangeError(
      `a part of Markdown takes at least ${SMALLEST_LIMIT_BYTES} bytes, not ${limitBytes}`,
    );
  }
  const parts: string[] = [];
  let rest = text;
  let fence: Fence | null = null;
  while (rest !== '') {
    const head: string = fence === null ? '' : `${fence.opening}\n`;
    const piece = takePiece(rest, limitBytes - Buffer.byteLength(head), fence);
    if (piece.text !== '') parts.push(head + piece.text);
    ({ rest, fence } = piece);
  }
  return parts;
}

/** What fits into one part, a code block that is cut closed at its end, and what is left. */
function takePiece(
  text: string,
  budgetBytes: number,
  fence: Fence | null,
): { text: string; rest: string; fence: Fence | null } {
  const whole = fitting(text, budgetBytes);
  if (whole === text.length) return { text: text.trim() === '' ? '' : text, rest: '', fence: null };
  const marks = scanLines(text.slice(0, whole), fence).map((line) => line.fence?.marks.length ?? 0);
  const closing = Math.max(...marks);
  const window = text.slice(0, fitting(text, closing === 0 ? budgetBytes : budgetBytes - closing - 1));
  const end = bestCut(window, text, fence);
  const piece = text.slice(0, end).trimEnd();
  const open = scanLines(piece, fence).at(-1)?.fence ?? null;
  const rest = open === null ? text.slice(end).trimStart() : text.slice(end).replace(/^\n/, '');
  const closed = piece === '' || open === null ? piece : `${piece}\n${open.marks}`;
  return { text: closed, ...afterClosing(rest, open) };
}

/** Where the code ends right behind the cut, its closing line is not carried over: the part was closed already. */
function afterClosing(rest: string, open: Fence | null): { rest: string; fence: Fence | null } {
  const [line = ''] = rest.split('\n', 1);
  if (open === null || !closes(line, open)) return { rest, fence: open };
  return { rest: rest.slice(line.length).trimStart(), fence: null };
}

/** The place to cut: the last end of a paragraph, line or word in the later half of the window. */
function bestCut(window: string, text: string, fence: Fence | null): number {
  const half = window.length / 2;
  const next = text[window.length];
  const lines = scanLines(window, fence);
  if (next !== '\n') lines.pop();
  const paragraph = lines.findLast((line) => line.fence === null && isBlankLine(text, line.end + 1));
  if (paragraph !== undefined && paragraph.end >= half) return paragraph.end;
  const line = lines.findLast((line) => !line.opens);
  if (line !== undefined && line.end >= half) return line.end;
  if (next === ' ') return window.length;
  const word = window.lastIndexOf(' ');
  return word >= half ? word : window.length;
}

function isBlankLine(text: string, from: number): boolean {
  return /^[ \t]*(?:\n|$)/.test(text.slice(from, from + 80));
}

interface Line {
  readonly end: number;
  /** The code block that is open behind the line. */
  readonly fence: Fence | null;
  /** Whether the line is what opened it; a part does not end there. */
  readonly opens: boolean;
}

function scanLines(text: string, before: Fence | null): Line[] {
  const lines: Line[] = [];
  let fence = before;
  let start = 0;
  for (const line of text.split('\n')) {
    const isOutside = fence === null;
    if (fence === null) fence = openedBy(line);
    else if (closes(line, fence)) fence = null;
    lines.push({ end: start + line.length, fence, opens: isOutside && fence !== null });
    start += line.length + 1;
  }
  return lines;
}

/** CommonMark 0.31 section 4.5: at least three backticks or tildes; no backtick may follow backticks. */
function openedBy(line: string): Fence | null {
  const [, marks, info = ''] = /^ {0,3}(`{3,16}|~{3,16})(.*)$/.exec(line) ?? [];
  if (marks === undefined || (marks.startsWith('`') && info.includes('`'))) return null;
  const opening = line.trim();
  return { marks, opening: Buffer.byteLength(opening) <= LONGEST_REOPENING_BYTES ? opening : marks };
}

function closes(line: string, fence: Fence): boolean {
  const marks = line.trim();
  return marks.length >= fence.marks.length && marks === fence.marks.charAt(0).repeat(marks.length);
}

/** How many characters from the start of `text` fit, never ending inside a code point. */
function fitting(text: string, budgetBytes: number): number {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > budgetBytes) return end;
    end += character.length;
  }
  return end;
}
