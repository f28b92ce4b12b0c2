import { type Document, fences } from './documents.ts';

/** A line that a page tells people to type. */
export interface CommandLine {
  readonly path: string;
  /** Of the block in which it stands. */
  readonly line: number;
  readonly text: string;
}

/** What a shell would run of the blocks `sh`, `console`, and those without a language that show commands. */
export function commandLines(shown: Document): CommandLine[] {
  return fences(shown).flatMap(({ language, text, line }) =>
    linesOf(language, text).map((command) => ({ path: shown.path, line, text: command })),
  );
}

function linesOf(language: string, text: string): string[] {
  const whole = text.replaceAll(/\\\n\s*/g, '').replaceAll(/<<'(\w+)'\n.*?^\1$/gms, '');
  const lines = whole.split('\n').map((line) => line.trim());
  const prompted = lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2));
  if (language === 'sh') return lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (language === 'console' || prompted.length > 0) return prompted;
  if (language !== '' && language !== 'text') return [];
  return lines.filter((line) => /^(roomd|npm|curl|export) \S/.test(line) && !/^roomd \d/.test(line));
}

/** The words after `roomd`, up to a pipe, a redirection or a comment; null where another program is called. */
export function roomdWords(text: string): string[] | null {
  const words = shellWords(text.replace(/^sudo /, ''));
  if (words[0] !== 'roomd') return null;
  const end = words.findIndex((word) => /^(\||>|>>|&&|&|;|#.*)$/.test(word));
  return words.slice(1, end < 0 ? undefined : end);
}

function shellWords(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replaceAll(/["']/g, ''));
}
