import { SchemaError } from '../../schema/errors.ts';
import type { ProductSchema } from '../../schema/product-schema.ts';
import { productOfCodeName } from '../../schema/products.ts';
import type { DeviceModel } from '../model.ts';

const BUILD = '5100d00000a';

/**
 * A device with a vendor product's complete tree. The code name gives product
 * and kind; a code name we do not know is a room device named after it. The
 * software is that of the schema as a device writes it ("26.4.1" becomes
 * "ce26.4.1.0.…") unless given whole.
 * @throws SchemaError `software-unknown`
 */
export function modelFromSchema(
  schema: ProductSchema,
  options: { kind?: DeviceModel['kind'] | undefined; software?: string | undefined } = {},
): DeviceModel {
  const known = productOfCodeName(schema.product);
  return {
    kind: options.kind ?? known?.kind ?? 'room',
    productId: `Cisco ${known?.name ?? schema.product}`,
    software: options.software ?? softwareOf(schema),
    schema,
  };
}

function softwareOf({ product, software }: ProductSchema): string {
  if (software === null)
    throw new SchemaError(
      'software-unknown',
      `The schema of "${product}" does not say its software version: name one, for example ce26.4.1.0.${BUILD}`,
      { details: { product } },
    );
  const numbers = [...software.split('.'), '0', '0', '0'].slice(0, 4);
  return `ce${numbers.join('.')}.${BUILD}`;
}
