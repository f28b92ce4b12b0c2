import type { ZodType } from 'zod';
import type { Secret } from '../lib/secret.ts';
import type { FilePath } from './file/tree.ts';
import type { Fleet, NamedText } from './fleet.ts';
import type { Place, Problem } from './problem.ts';

/**
 * A top-level section of fleet.yaml that a slice to the right of `fleet`
 * declares (`macros:`). The loader validates it with the rest of the file and
 * puts it into the JSON Schema for editors.
 */
export interface Section<Value> {
  readonly key: string;
  readonly schema: ZodType<Value>;
  /** Left out where the value names no files. */
  readonly files?: SectionFiles<Value>;
  /** Paths within the section of the texts that are secrets or refer to one; none where left out. */
  readonly secrets?: readonly SectionSecret[];
  /** What the schema cannot see: names of devices, conditions, templates. `locate` finds the place of a path within the section. */
  check(value: Value, fleet: Fleet, locate: (path: readonly (string | number)[]) => Place | null): Problem[];
}

export interface SectionSecret {
  readonly path: readonly string[];
  /** How sentences call one that stands there in plain text; null: it may. */
  readonly what: string | null;
}

/** Files of text that a section names; they are read with the fleet, and a change to one changes the fleet. */
export interface SectionFiles<Value> {
  /** Paths are within the section. */
  named(value: Value): readonly NamedFile[];
  /** What is wrong with each, in their order; null where nothing is. */
  judge(files: readonly NamedText[]): Promise<readonly (Judgement | null)[]>;
}

export interface Judgement {
  readonly message: string;
  /** From 1; null where it is about the whole. */
  readonly at: { readonly line: number; readonly column: number } | null;
}

export interface NamedFile {
  /** Where it is named. */
  readonly path: FilePath;
  /** As it is written; relative to the folder of the file that says so. */
  readonly file: string;
  /** How sentences call it: `the script macros/standup.js`. */
  readonly what: string;
}

/** The section's value in a loaded fleet, undefined where the file lacks it. */
export function sectionOf<Value>(fleet: Fleet, section: Section<Value>): Value | undefined {
  // The loader stored what this very schema returned.
  return fleet.sections.get(section.key) as Value | undefined;
}

/** The secret that stands at a path of a section; null where none does. Empty where it is missing, which is reported. */
export function sectionSecret({ secrets }: Fleet, key: string, path: readonly string[]): Secret | null {
  return secrets?.get([key, ...path].join('.')) ?? null;
}
