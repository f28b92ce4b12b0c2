import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** Cards of the bot that wait for a press, so that a restart does not make them dead. */
export const chatCard: Migration = {
  version: 21,
  name: 'chat-card',
  *statements(query) {
    yield query.schema
      .createTable('chat_card')
      .addColumn('key', 'text', (column) => column.notNull().primaryKey())
      .addColumn('waiting_json', 'text', (column) => column.notNull())
      .addColumn('room_id', 'text')
      .addColumn('message_id', 'text')
      .addColumn('opened_at', 'integer', (column) => column.notNull())
      .addColumn('expires_at', 'integer', (column) => column.notNull())
      .modifyEnd(sql`strict`);
  },
};
