import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** Finds the events of a device by their time without walking through its status; the conditions are those of the timeline's queries. */
export const timeline: Migration = {
  version: 13,
  name: 'timeline',
  *statements(query) {
    const shown = sql.raw(
      `kind IN ('configuration', 'event', 'slot', 'write', 'run', 'fight', 'trust', 'retire', 'macro-log', 'alert', 'maintenance')`,
    );
    const index = sql`CREATE INDEX event_for_timeline ON event (device_id, received_at) WHERE ${shown}`;
    const gaps = sql`CREATE INDEX event_gap ON event (device_id, received_at) WHERE kind = 'gap'`;
    for (const step of [index, gaps]) yield { compile: () => step.compile(query) };
  },
};
