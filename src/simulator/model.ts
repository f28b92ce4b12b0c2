import type { ProductSchema } from '../schema/product-schema.ts';

/** What a simulated device is made from: a product's complete tree and how it names itself. */
export interface DeviceModel {
  readonly kind: 'board' | 'room' | 'desk';
  /** xStatus SystemUnit ProductId, for example "Cisco Codec Pro". */
  readonly productId: string;
  /** xStatus SystemUnit Software Version, for example "ce26.4.1.0a1b2c3". */
  readonly software: string;
  readonly schema: ProductSchema;
  /** What the same unit is on other software: its tree changes with an upgrade to one of them. */
  readonly upgrades?: readonly DeviceModel[];
}
