import { SchemaError } from '../../schema/errors.ts';
import type { ProductSchema } from '../../schema/product-schema.ts';
import type { DeviceModel } from '../model.ts';

/** Vendor code names and the products they stand for (facts JM). */
const PRODUCTS: Readonly<Record<string, { readonly name: string; readonly kind: DeviceModel['kind'] }>> = {
  bandai: { name: 'Desk Mini', kind: 'desk' },
  barents: { name: 'Codec Pro', kind: 'room' },
  brooklyn: { name: 'Room Bar Pro', kind: 'room' },
  darling: { name: 'Board', kind: 'board' },
  davinci: { name: 'Room Bar', kind: 'room' },
  felix: { name: 'Board Pro G2', kind: 'board' },
  havella: { name: 'Room Kit Mini', kind: 'room' },
  helix: { name: 'Board Pro', kind: 'board' },
  hopen: { name: 'Room Kit', kind: 'room' },
  millennium: { name: 'Codec EQ', kind: 'room' },
  octavio: { name: 'Desk', kind: 'desk' },
  pictoris: { name: 'Desk Pro G2', kind: 'desk' },
  polaris: { name: 'Desk Pro', kind: 'desk' },
  spitsbergen: { name: 'Room 55', kind: 'room' },
  svea: { name: 'Codec Plus', kind: 'room' },
  tyne: { name: 'Codec Pro G2', kind: 'room' },
  vecchio: { name: 'Navigator', kind: 'room' },
};

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
  const known = PRODUCTS[schema.product] ?? PRODUCTS[schema.product.replace(/_.*$/, '')];
  const size = known?.name === 'Board' ? /_(\d+)$/.exec(schema.product)?.[1] : undefined;
  return {
    kind: options.kind ?? known?.kind ?? 'room',
    productId: ['Cisco', known?.name ?? schema.product, ...(size === undefined ? [] : [size])].join(' '),
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
