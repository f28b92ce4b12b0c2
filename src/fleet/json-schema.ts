import { z } from 'zod';
import { FleetFile } from './schema.ts';
import type { JsonSchema } from './schema-cursor.ts';
import type { Section } from './section.ts';

/** What editors check fleet.yaml against while it is typed; `roomd schema` prints it. */
export function fleetJsonSchema(sections: readonly Section<unknown>[]): JsonSchema {
  const shape = Object.fromEntries(sections.map(({ key, schema }) => [key, schema.optional()]));
  const schema = jsonSchemaOf(FleetFile.extend(shape));
  // The devices may all stand in files that this one includes, and those are edited with this schema, too.
  const required = schema.required?.filter((key) => key !== 'devices');
  return { ...schema, required, title: 'roomd fleet file' };
}

/** The form of a file that people write, as editors and the reader of such files want it. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema & { readonly required?: string[] } {
  return z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => restoreStated(jsonSchema, z.globalRegistry.get(zodSchema)),
  });
}

/** Zod leaves these out where the file's form differs from what is read of it; here they are always stated in the file's form. */
function restoreStated(
  jsonSchema: Record<string, unknown>,
  stated: { readonly [keyword: string]: unknown } | undefined,
): void {
  for (const keyword of ['examples', 'default'])
    if (stated?.[keyword] !== undefined) jsonSchema[keyword] ??= stated[keyword];
}
