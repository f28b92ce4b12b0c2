import type { Compilable, Kysely } from 'kysely';
import type { CompiledMigration, Value } from './protocol.ts';
import { newQueryBuilder } from './query-builder.ts';

/**
 * One step of the schema. `version` is one more than the step's before;
 * a step that was released never changes.
 */
export interface Migration {
  readonly version: number;
  readonly name: string;
  statements(query: Kysely<unknown>): Iterable<Compilable>;
}

/** The steps as texts, so that a database thread starts without loading the query builder. */
export function compileMigrations(migrations: readonly Migration[]): CompiledMigration[] {
  const query = newQueryBuilder<unknown>();
  return migrations.map((migration) => ({
    version: migration.version,
    name: migration.name,
    statements: [...migration.statements(query)].map((statement) => {
      const { sql, parameters } = statement.compile();
      return { text: sql, parameters: parameters as readonly Value[] };
    }),
  }));
}
