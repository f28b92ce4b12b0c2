import type { Compilable } from 'kysely';

/** A statement that is compiled once and then takes its values, in the order of its text: building it anew each time costs more than running it. */
export function prepared(statement: Compilable): (parameters: readonly unknown[]) => Compilable {
  const compiled = statement.compile();
  return (parameters) => ({ compile: () => ({ ...compiled, parameters }) });
}
