import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** The timeline also tells of tokens of slots and of floods; its index is found by the same condition. */
export const timelineKinds: Migration = {
  version: 18,
  name: 'timeline-kinds',
  *statements(query) {
    const shown = sql.raw(
      `kind IN ('configuration', 'event', 'slot', 'slot-token', 'flood', 'write', 'run', 'fight', 'trust', 'retire', 'macro-log', 'alert', 'maintenance')`,
    );
    const before = sql`DROP INDEX event_for_timeline`;
    const index = sql`CREATE INDEX event_for_timeline ON event (device_id, received_at) WHERE ${shown}`;
    for (const step of [before, index]) yield { compile: () => step.compile(query) };
  },
};
