import { basename } from 'node:path';
import { utf8Text } from '../file/fleet-files.ts';
import { Wrong } from '../forms.ts';

/** xCommand Macros Macro Save Name takes 250 characters from 11.27 on. */
const LONGEST_NAME = 250;

/** The name that a file gives its macro: its own without the ending. */
export function macroNameOf(file: string): string {
  return basename(file).replace(/\.[^.]*$/, '');
}

/** What is wrong with a macro's name, null where nothing is. */
export function wrongInMacroName(name: string): string | null {
  if (/^[A-Za-z0-9_-]+$/.test(name) && name.length <= LONGEST_NAME) return null;
  return `would be named "${name}" on the device, and a name takes letters, digits, dashes and underscores, at most ${LONGEST_NAME}; write { file: …, name: NAME }.`;
}

export function readMacroSource(bytes: Uint8Array): string | Wrong {
  let source: string;
  try {
    source = utf8Text(bytes);
  } catch {
    return new Wrong('is not UTF-8 text; save it as UTF-8.');
  }
  if (source.trim() === '') return new Wrong('is empty; write the macro, or take this line out.');
  return source.includes('\u0000')
    ? new Wrong('holds a NUL character, so it is no text; name another file.')
    : source;
}
