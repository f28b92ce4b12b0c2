import { describe, expect, it } from 'vitest';
import type { ProductSchema } from '../../../src/schema/product-schema.ts';
import { modelFromSchema } from '../../../src/simulator/models/from-schema.ts';
import { hasFixtures, VERSIONS, vendorSchema } from '../../schema/vendor-files.ts';

function schemaOf(product: string, software: string | null = '26.4.1'): ProductSchema {
  return { product, software, settings: [], statuses: [], commands: [], events: [] };
}

describe('A model from a vendor schema', () => {
  it.each([
    ['barents', 'Cisco Codec Pro', 'room'],
    ['barents_70d', 'Cisco Codec Pro', 'room'],
    ['felix_55', 'Cisco Board Pro G2', 'board'],
    ['darling_15_70', 'Cisco Board 70', 'board'],
    ['polaris', 'Cisco Desk Pro', 'desk'],
    ['vecchio', 'Cisco Navigator', 'room'],
    ['newcomer', 'Cisco newcomer', 'room'],
  ])('names %s "%s", a %s', (product, productId, kind) => {
    expect(modelFromSchema(schemaOf(product))).toMatchObject({ productId, kind });
  });

  it('writes the software as devices do', () => {
    expect(modelFromSchema(schemaOf('barents')).software).toMatch(/^ce26\.4\.1\.0\.[0-9a-f]{11}$/);
    expect(modelFromSchema(schemaOf('barents', '11.27.2.0')).software).toMatch(
      /^ce11\.27\.2\.0\.[0-9a-f]{11}$/,
    );
  });

  it('takes kind and software where they are given', () => {
    const model = modelFromSchema(schemaOf('newcomer', null), { kind: 'desk', software: 'ce27.1.0.0.abc' });
    expect(model).toMatchObject({ kind: 'desk', software: 'ce27.1.0.0.abc' });
  });

  it('asks for the software where the schema does not say it', () => {
    expect(() => modelFromSchema(schemaOf('barents', null))).toThrow(
      expect.objectContaining({ code: 'software-unknown' }),
    );
  });
});

describe.skipIf(!hasFixtures)("Models from the vendor's own files", () => {
  it.each(VERSIONS)('can be made of every product of %s, each with a known name', (version) => {
    const file = vendorSchema(version);
    for (const name of file.products) {
      const schema = file.product(name);
      const model = modelFromSchema(schema);
      expect(model.schema).toBe(schema);
      expect(model.productId).not.toContain(name);
    }
  });
});
