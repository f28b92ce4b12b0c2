import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../lib/errors.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { isUntouched } from './unit.ts';

/** One thing that the service needs on the disk. */
export interface Needed {
  readonly path: string;
  readonly mode: number;
  /** Null for a folder. */
  readonly text: string | null;
  /** A person's file: made where there is none, and never replaced. */
  readonly isTheirs: boolean;
}

/** What an install does with it; `changed` is somebody's work and stays unless it is forced. */
export type Fate = 'make' | 'keep' | 'replace' | 'changed';

/** @throws ExitError where it cannot be read */
export async function fateOf({ path, text, isTheirs }: Needed): Promise<Fate> {
  const there = await textAt(path);
  if (there === null) return 'make';
  if (text === null || isTheirs || there === text) return 'keep';
  return isUntouched(there) ? 'replace' : 'changed';
}

/** Puts it there, and what was there before beside it. @throws ExitError */
export async function put({ path, mode, text }: Needed, fate: Fate): Promise<void> {
  if (fate === 'keep') return;
  try {
    if (text === null) {
      await mkdir(path, { recursive: true, mode });
    } else {
      await mkdir(dirname(path), { recursive: true });
      if (fate !== 'make') await copyFile(path, `${path}.old`);
      await writeFile(path, text, { mode });
    }
    // What a mask took away.
    await chmod(path, mode);
  } catch (error) {
    throw refused(path, 'written', error);
  }
}

/** @throws ExitError */
export async function takeAway(path: string): Promise<void> {
  await rm(path, { force: true }).catch((error: unknown) => {
    throw refused(path, 'removed', error);
  });
}

/** The text of a file, empty of a folder, null where nothing is. @throws ExitError */
export async function textAt(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT') return null;
    if (code === 'EISDIR') return '';
    throw refused(path, 'read', error);
  }
}

function refused(path: string, done: string, error: unknown): ExitError {
  const isForbidden =
    error instanceof Error && 'code' in error && ['EACCES', 'EPERM'].includes(String(error.code));
  const remedy = isForbidden ? '; run it as root: sudo roomd service …' : '';
  return new ExitError(EXIT.failed, `${path} cannot be ${done}: ${messageOf(error)}${remedy}`);
}
