import type { ZodType } from 'zod';
import type { Fleet } from './fleet.ts';
import type { Place, Problem } from './problem.ts';
import type { SectionFiles } from './section-files.ts';

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
  /** What the schema cannot see: names of devices, conditions, templates. `locate` finds the place of a path within the section. */
  check(value: Value, fleet: Fleet, locate: (path: readonly (string | number)[]) => Place | null): Problem[];
}

/** The section's value in a loaded fleet, undefined where the file lacks it. */
export function sectionOf<Value>(fleet: Fleet, section: Section<Value>): Value | undefined {
  // The loader stored what this very schema returned.
  return fleet.sections.get(section.key) as Value | undefined;
}
