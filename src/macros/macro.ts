import { z } from 'zod';
import type { Section } from '../fleet/section.ts';
import { macroScripts } from './javascript/named-scripts.ts';
import { checkMacros } from './macro-check.ts';
import { Macro } from './macro-schema.ts';

/** The section `macros:` of fleet.yaml, for the loader. */
export const macroSection: Section<Macro[]> = {
  key: 'macros',
  schema: z.array(Macro).meta({ description: 'Chores that run in the daemon.' }),
  check: checkMacros,
  files: macroScripts,
};
