import type { ZodType } from 'zod';
import type { JsonSchema } from '../src/fleet/schema-cursor.ts';

/** Names of pages and their texts. */
export type Pages = Readonly<Record<string, string>>;

export function stepPages(
  steps: Readonly<Record<string, object>>,
  schemaOf: (schema: ZodType) => JsonSchema,
): Pages;

export function readyMadePages(files: readonly (readonly [string, string, string])[]): Pages;

export function readyMadeFiles(folder: URL): [string, string, string][];
