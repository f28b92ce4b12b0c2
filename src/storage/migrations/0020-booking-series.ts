import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** Which bookings of a room seem to belong together, as a keyed hash, where the file lets that be kept. */
export const bookingSeries: Migration = {
  version: 20,
  name: 'booking-series',
  *statements(query) {
    yield query.schema.alterTable('booking').addColumn('series', 'text');
    const index = sql`CREATE INDEX booking_by_series ON booking (device_id, series, start_at) WHERE series IS NOT NULL`;
    yield { compile: () => index.compile(query) };
  },
};
