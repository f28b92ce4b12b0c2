import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** What people did is found among millions of events and runs without reading them all. */
export const deeds: Migration = {
  version: 24,
  name: 'deeds',
  *statements(query) {
    const events = sql`CREATE INDEX event_of_people ON event (received_at)
      WHERE kind IN ('hold', 'trust', 'retire', 'chat')`;
    const runs = sql`CREATE INDEX macro_run_by_hand ON macro_run (due_at) WHERE substr("trigger", 1, 3) = 'by '`;
    for (const index of [events, runs]) yield { compile: () => index.compile(query) };
  },
};
