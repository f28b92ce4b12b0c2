import { type ZodType, z } from 'zod';
import type { FoundSetting } from '../fleet/knowledge/product-knowledge.ts';
import type { ValueSpace } from '../schema/product-schema.ts';
import { type Action, ActionError } from './action.ts';

const Input = z.strictObject({
  product: z.string().describe('As a device says it (`Cisco Codec Pro`), or a code name of the vendor.'),
  software: z.string().describe('As a device says it, or as `26.4.1`.'),
  path: z.string().describe('A setting with its indices, such as `Audio.Ultrasound.MaxVolume`.'),
});

const Space = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('Literal'), values: z.array(z.string()).readonly() }),
  z.strictObject({
    type: z.literal('Integer'),
    min: z.int().nullable(),
    max: z.int().nullable(),
    step: z.int().nullable(),
  }),
  z.strictObject({
    type: z.literal('String'),
    minLength: z.int().describe('In bytes of UTF-8.'),
    maxLength: z.int().nullable(),
  }),
]) satisfies ZodType<ValueSpace>;

const Setting = z.strictObject({
  path: z.string().describe('As the device spells it.'),
  pattern: z.string().describe('With the bounds of its indices: `Audio.Input.HDMI[1..3].Gain`.'),
  space: Space.nullable().describe('What it takes; null: no source says.'),
  hidden: z.boolean().describe('The device answers it masked.'),
  default: z.string().nullable(),
  roles: z.array(z.string()).readonly().nullable().describe('Of which one suffices to write it.'),
}) satisfies ZodType<Omit<FoundSetting, 'known'>>;

const Variant = z.strictObject({
  source: z
    .enum(['device', 'vendor'])
    .describe('Who says so: a device that was read, or a schema file of the vendor.'),
  product: z.string(),
  software: z.string(),
  setting: Setting.nullable().describe('Null: it has no such setting.'),
  missing: z.enum(['unknown-name', 'index-out-of-range', 'not-on-device']).nullable(),
  candidates: z
    .array(z.string())
    .readonly()
    .describe('What was probably meant, where it has no such setting.'),
});

export const KnownSetting = z.strictObject({
  variants: z.array(Variant).readonly().describe('Several where the product text does not tell them apart.'),
});

export const knownSetting: Action<z.output<typeof Input>, z.output<typeof KnownSetting>> = {
  name: 'schemas.setting',
  summary:
    'What a product on a software version takes at a path: its values, its default and who may write it.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/schemas/setting' },
  input: Input,
  answer: KnownSetting,
  async run({ product, software, path }, { knowledge }, _caller, options) {
    const known = await (await knowledge.library([], options)).of(product, software);
    if (!known.known) throw new ActionError('not-found', `${known.why}. ${known.remedy}`);
    return {
      variants: known.variants.map((variant) => {
        const found = variant.find(path);
        const { source, product: named, software: version } = variant;
        const head = { source, product: named, software: version };
        if (!found.known) return { ...head, setting: null, missing: found.why, candidates: found.candidates };
        const { known: _known, ...setting } = found;
        return { ...head, setting, missing: null, candidates: [] };
      }),
    };
  },
};
