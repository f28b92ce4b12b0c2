import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { messageOf } from '../lib/errors.ts';
import type { AcceptedSetting } from './accepted-setting.ts';
import { SchemaError } from './errors.ts';
import { formatPattern, parsePattern } from './path-pattern.ts';

/** No product comes near it: a whole tree of 900 settings takes about 150 KB. */
const MOST_BYTES = 16 * 1024 * 1024;

const Space = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Literal'), values: z.array(z.string()) }),
  z.object({
    type: z.literal('Integer'),
    min: z.number().nullable(),
    max: z.number().nullable(),
    step: z.number().nullable(),
  }),
  z.object({ type: z.literal('String'), minLength: z.number(), maxLength: z.number().nullable() }),
]);

const Defaults = z.object({ all: z.string().nullable(), byIndex: z.record(z.string(), z.string()) });

/** Spaces and lists of roles stand once each; a setting names them by position, -1 for "not said". */
const Packed = z.object({
  form: z.literal(1),
  spaces: z.array(Space),
  roles: z.array(z.array(z.string())),
  settings: z.array(z.tuple([z.string(), z.int(), z.boolean(), z.int(), Defaults.nullable()])),
});

/** The settings of one product as few bytes: 900 settings take about 15 KB. The same settings give the same bytes. */
export function packSettings(settings: readonly AcceptedSetting[]): Uint8Array {
  const spaces = new Once();
  const roles = new Once();
  const rows = settings.map((setting) => [
    formatPattern(setting.path),
    spaces.position(setting.space),
    setting.hidden,
    roles.position(setting.roles),
    setting.defaults,
  ]);
  const packed = { form: 1, spaces: spaces.values, roles: roles.values, settings: rows };
  return deflateRawSync(JSON.stringify(packed));
}

/** @throws SchemaError `schema-unreadable` where the bytes are not what `packSettings` makes */
export function unpackSettings(bytes: Uint8Array): AcceptedSetting[] {
  try {
    const text = inflateRawSync(bytes, { maxOutputLength: MOST_BYTES }).toString('utf8');
    const { spaces, roles, settings } = Packed.parse(JSON.parse(text));
    return settings.map(([path, space, hidden, role, defaults]) => ({
      path: parsePattern(path),
      space: spaces[space] ?? null,
      hidden,
      defaults,
      roles: roles[role] ?? null,
    }));
  } catch (cause) {
    throw new SchemaError('schema-unreadable', `These are no packed settings: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** Equal values once, in the order of their first use. */
class Once {
  readonly values: unknown[] = [];
  readonly #positions = new Map<string, number>();

  position(value: unknown): number {
    if (value === null) return -1;
    const key = JSON.stringify(value);
    const known = this.#positions.get(key);
    if (known !== undefined) return known;
    this.#positions.set(key, this.values.length);
    this.values.push(value);
    return this.values.length - 1;
  }
}
