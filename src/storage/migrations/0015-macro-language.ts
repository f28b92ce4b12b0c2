import { type RawBuilder, sql } from 'kysely';
import type { Migration } from '../migration.ts';

/**
 * Runs may be for the fleet as a whole, and what sets them off is more than a
 * minute of the clock; steps stand within others and tell what later ones see.
 * A column cannot become nullable in SQLite, so the runs move to a new table.
 */
export const macroLanguage: Migration = {
  version: 15,
  name: 'macro-language',
  *statements(query) {
    const raw = (text: RawBuilder<unknown>) => ({ compile: () => text.compile(query) });
    yield query.schema.alterTable('macro_step').renameTo('macro_step_old');
    yield query.schema.alterTable('macro_run').renameTo('macro_run_old');
    yield query.schema
      .createTable('macro_run')
      .modifyEnd(sql`strict`)
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('macro', 'text', (column) => column.notNull())
      .addColumn('device_id', 'integer', (column) => column.references('device.id'))
      .addColumn('trigger', 'text', (column) => column.notNull())
      .addColumn('due_at', 'integer', (column) => column.notNull())
      .addColumn('occasion', 'text', (column) => column.notNull())
      .addColumn('facts_json', 'text', (column) => column.notNull())
      .addColumn('started_at', 'integer')
      .addColumn('ended_at', 'integer')
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('reason', 'text');
    yield query.schema
      .createTable('macro_step')
      .modifyEnd(sql`strict`)
      .addColumn('run_id', 'text', (column) =>
        column.notNull().references('macro_run.id').onDelete('cascade'),
      )
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('step', 'text', (column) => column.notNull())
      .addColumn('device', 'text')
      .addColumn('started_at', 'integer', (column) => column.notNull())
      .addColumn('ended_at', 'integer')
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('result', 'text')
      .addColumn('output_json', 'text')
      .addPrimaryKeyConstraint('macro_step_place', ['run_id', 'position']);
    yield raw(sql`insert into macro_run
      select id, macro, device_id, "trigger", due_at, 'at:' || due_at,
        json_object('kind', case when "trigger" like 'by %' then 'hand' else 'schedule' end,
          'value', '', 'path', '', 'id', '',
          'by', case when "trigger" like 'by %' then substr("trigger", 4) else '' end),
        started_at, ended_at, state, reason
      from macro_run_old`);
    yield raw(sql`insert into macro_step
      select run_id, position, 'steps[' || position || ']', step, null, started_at, ended_at, state, result, null
      from macro_step_old`);
    yield query.schema.dropTable('macro_step_old');
    yield query.schema.dropTable('macro_run_old');
    // In an index of its own, because to SQLite no null equals another.
    yield raw(
      sql`create unique index macro_run_occasion on macro_run (macro, ifnull(device_id, 0), occasion)`,
    );
    yield query.schema.createIndex('macro_run_device').on('macro_run').columns(['device_id', 'due_at']);
  },
};
