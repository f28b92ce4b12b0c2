import { type ZodType, z } from 'zod';
import type { StoredProduct } from '../fleet/knowledge/store.ts';
import { messageOf } from '../lib/errors.ts';
import { unpackSettings } from '../schema/packed-settings.ts';
import { softwareNumbers } from '../schema/software.ts';
import { type Action, ActionError } from './action.ts';
import { allOf, Time } from './answers.ts';
import { rfc3339 } from './present.ts';

const Input = z.strictObject({
  origin: z.string().min(1).max(500).describe('The file that it comes from.'),
  software: z
    .string()
    .refine((text) => softwareNumbers(text).length >= 3, { error: 'a version such as 26.4.1' }),
  products: z
    .array(
      z.strictObject({
        product: z.string().min(1).max(100).describe("The vendor's code name."),
        content: z.base64().describe('Its settings, packed by `roomd schema import`.'),
      }),
    )
    .min(1),
});

export const SchemaImported = z.strictObject({
  software: z.string(),
  products: z.array(z.string()).readonly(),
  settings: z.int(),
});
export type SchemaImported = z.output<typeof SchemaImported>;

export const ShownSchema = z.strictObject({
  source: z
    .enum(['device', 'vendor'])
    .describe(
      '`device`: read from a device of that kind; `vendor`: from a schema file that somebody imported.',
    ),
  product: z.string().describe("The device's own ProductId text, or the vendor's code name."),
  software: z.string(),
  origin: z
    .string()
    .describe(
      'Serial number of the device, or the file, that it came from; `another device` for one that the caller may not see.',
    ),
  settings: z.int().describe('How many settings it holds.'),
  at: Time,
}) satisfies ZodType<Omit<StoredProduct, 'at'> & { readonly at: string }>;
export type ShownSchema = z.output<typeof ShownSchema>;

export const SchemaList = allOf(ShownSchema);

export const schemaImport: Action<z.output<typeof Input>, SchemaImported> = {
  name: 'schema.import',
  summary: "Take in a vendor's schema file, packed by the command line; it replaces an earlier one.",
  role: 'admin',
  reach: 'fleet',
  http: { method: 'POST', path: '/schemas' },
  input: Input,
  answer: SchemaImported,
  deed: ({ origin, software }) => `took in the schema of ${software} from ${origin}`,
  async run({ origin, software, products }, ports) {
    const packed = products.map(({ product, content }) => {
      const bytes = Buffer.from(content, 'base64');
      return { product, software, settings: settingsIn(product, bytes), content: bytes };
    });
    await ports.knowledge.importVendor(packed, origin);
    return {
      software,
      products: packed.map(({ product }) => product),
      settings: packed.reduce((sum, { settings }) => sum + settings, 0),
    };
  },
};

export const listSchemas: Action<Record<string, never>, z.output<typeof SchemaList>> = {
  name: 'schemas',
  summary: 'Of which products on which software roomd knows what they accept, and from whom.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/schemas' },
  input: z.strictObject({}),
  answer: SchemaList,
  async run(_input, ports, _caller, { signal }) {
    const items = await ports.knowledge.list({ signal });
    return { items: items.map((item) => ({ ...item, at: rfc3339(item.at) })), nextCursor: null };
  },
};

function settingsIn(product: string, bytes: Uint8Array): number {
  try {
    return unpackSettings(bytes).length;
  } catch (error) {
    throw new ActionError('bad-input', `${product}: ${messageOf(error)}`, { cause: error });
  }
}
