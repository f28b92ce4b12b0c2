import { z } from 'zod';

const Bound = z.string().regex(/^-?\d+$/, 'expected a whole number as text');

const VendorValueSpace = z.discriminatedUnion('type', [
  z.object({
    type: z.enum(['Literal', 'LiteralArray']),
    Values: z.array(z.string()),
    multiple: Bound.optional(),
  }),
  z.object({
    type: z.enum(['Integer', 'IntegerArray']),
    Min: Bound.optional(),
    Max: Bound.optional(),
    Step: Bound.optional(),
    multiple: Bound.optional(),
  }),
  z.object({
    type: z.enum(['String', 'StringArray']),
    MinLength: Bound.optional(),
    MaxLength: Bound.optional(),
    multiple: Bound.optional(),
  }),
]);
export type VendorValueSpace = z.infer<typeof VendorValueSpace>;

const VendorParam = z.object({
  name: z.string(),
  required: z.boolean(),
  valuespace: VendorValueSpace,
  default: z.string().optional(),
});
export type VendorParam = z.infer<typeof VendorParam>;

const placed = { path: z.string(), products: z.array(z.string()) };
const role = z.array(z.string());

const VendorConfiguration = z.object({
  ...placed,
  type: z.literal('Configuration'),
  attributes: z.object({
    valuespace: VendorValueSpace,
    default: z.string().optional(),
    hide_value: z.string().optional(),
    role,
  }),
});
export type VendorConfiguration = z.infer<typeof VendorConfiguration>;

const VendorStatus = z.object({
  ...placed,
  type: z.literal('Status'),
  attributes: z.object({ valuespace: VendorValueSpace.optional() }),
});
export type VendorStatus = z.infer<typeof VendorStatus>;

const VendorCommand = z.object({
  ...placed,
  type: z.literal('Command'),
  attributes: z.object({ params: z.array(VendorParam), multiline: z.string().optional(), role }),
});
export type VendorCommand = z.infer<typeof VendorCommand>;

const VendorEvent = z.object({ ...placed, type: z.literal('Event') });

const VendorObject = z.discriminatedUnion('type', [
  VendorConfiguration,
  VendorStatus,
  VendorCommand,
  VendorEvent,
]);
export type VendorObject = z.infer<typeof VendorObject>;

/** The vendor's schema file as far as it is used; every number in it is a text. */
export const VendorFile = z.object({ objects: z.array(VendorObject).min(1) });
export type VendorFile = z.infer<typeof VendorFile>;
