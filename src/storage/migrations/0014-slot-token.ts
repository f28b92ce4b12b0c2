import type { Migration } from '../migration.ts';

/** A slot's token is replaced by another while the one before it is accepted still. */
export const slotToken: Migration = {
  version: 14,
  name: 'slot-token',
  *statements(query) {
    yield query.schema.alterTable('slot_token').addColumn('old_token', 'text');
    yield query.schema.alterTable('slot_token').addColumn('proven_at', 'integer');
  },
};
