import type { Migration } from '../migration.ts';
import { initial } from './0001-initial.ts';

/** Every step of the schema, in order; listed by hand so that nothing is found by chance. */
export const migrations: readonly Migration[] = [initial];
