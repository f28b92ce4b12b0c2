import { z } from 'zod';
import { messageOf } from '../lib/errors.ts';
import { didYouMean } from '../lib/suggest.ts';
import { SchemaError } from './errors.ts';
import { parsePattern } from './path-pattern.ts';
import type { CommandSpec, EventSpec, ProductSchema, SettingSpec, StatusSpec } from './product-schema.ts';
import { VendorFile, type VendorObject } from './vendor-file.ts';
import { readCommand, readSetting, readStatus } from './vendor-objects.ts';

/** A vendor schema file: what every product on one software version offers. */
export interface VendorSchema {
  /** Code names, sorted. */
  readonly products: readonly string[];
  /** @throws SchemaError `product-unknown`, with what was probably meant */
  product(name: string): ProductSchema;
}

/**
 * Reads one of the vendor's xAPI schema files (roomos.cisco.com). The file
 * does not say which software it describes; pass `software` to have it in the
 * products, for example "26.4.1".
 *
 * The same path comes once for each group of products with its own value
 * space and default, so products are cut out by name, never by path. Within
 * one product no two objects of the known files hold the same concrete path;
 * should that happen, the later object wins (see `PathIndex`).
 * @throws SchemaError `schema-unreadable`
 */
export function readVendorSchema(text: string, options: { software?: string } = {}): VendorSchema {
  const { objects } = readFile(text);
  const products = [...new Set(objects.flatMap((object) => object.products))].sort();
  const built = new Map<string, ProductSchema>();
  return {
    products,
    product(name) {
      if (!products.includes(name)) throw unknownProduct(name, products);
      const known = built.get(name);
      if (known !== undefined) return known;
      const schema = buildProduct(
        name,
        options.software ?? null,
        objects.filter((object) => object.products.includes(name)),
      );
      built.set(name, schema);
      return schema;
    },
  };
}

function buildProduct(
  product: string,
  software: string | null,
  objects: readonly VendorObject[],
): ProductSchema {
  const settings: SettingSpec[] = [];
  const statuses: StatusSpec[] = [];
  const commands: CommandSpec[] = [];
  const events: EventSpec[] = [];
  for (const object of objects) {
    if (object.type === 'Configuration') settings.push(readSetting(object));
    else if (object.type === 'Status') statuses.push(readStatus(object));
    else if (object.type === 'Command') commands.push(readCommand(object));
    else events.push({ path: parsePattern(object.path).map(({ name }) => name) });
  }
  return { product, software, settings, statuses, commands, events };
}

function readFile(text: string): VendorFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SchemaError(
      'schema-unreadable',
      `This is no vendor schema file: ${messageOf(cause)}. ${EXPECTED}`,
      { cause },
    );
  }
  const file = VendorFile.safeParse(json);
  if (file.success) return file.data;
  if (!hasObjects(json))
    throw new SchemaError(
      'schema-unreadable',
      `This is no xAPI schema file: it lacks the list "objects". ${EXPECTED}`,
    );
  const [issue] = file.error.issues;
  const where = z.core.toDotPath(issue?.path ?? []);
  throw new SchemaError(
    'schema-unreadable',
    `This is no vendor schema file: ${where === '' ? 'at its top' : `at ${where}`}: ${issue?.message}. ${EXPECTED}`,
    { details: { where } },
  );
}

function hasObjects(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'objects' in json && Array.isArray(json.objects);
}

const EXPECTED =
  'Expected {"objects": [{"type", "path", "products", "attributes"}, …]}, as the vendor publishes it for each software version.';

function unknownProduct(name: string, products: readonly string[]): SchemaError {
  const hint = didYouMean(name, products).trim() || `It has ${products.join(', ')}.`;
  return new SchemaError('product-unknown', `The schema file has no product "${name}". ${hint}`, {
    details: { name, products },
  });
}
