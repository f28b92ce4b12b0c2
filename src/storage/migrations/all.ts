import type { Migration } from '../migration.ts';
import { initial } from './0001-initial.ts';
import { productSchema } from './0002-product-schema.ts';
import { managed } from './0003-managed.ts';
import { rollout } from './0004-rollout.ts';
import { alerts } from './0012-alerts.ts';

/** Every step of the schema, in order; listed by hand so that nothing is found by chance. */
export const migrations: readonly Migration[] = [initial, productSchema, managed, rollout, alerts];
