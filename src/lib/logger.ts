/**
 * What the parts of roomd log through: facts first, then a message that never
 * varies. pino's logger fits it; `daemon` makes the one at the root.
 */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
  child(facts: Record<string, unknown>): Logger;
}

/** A logger that says nothing, for one-shot commands and tests. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
