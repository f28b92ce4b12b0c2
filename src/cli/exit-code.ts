/** The first that applies: 2 usage, 4 invalid fleet, 1 something failed, 3 changes pending or partly applied, 0. */
export const EXIT = { ok: 0, failed: 1, usage: 2, pending: 3, invalidFleet: 4 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a code and a sentence; main prints the sentence, never a stack. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  readonly exitCode: ExitCode;
  /** What stands beside code and message where the command was asked for JSON. */
  readonly details: object;

  constructor(exitCode: ExitCode, message: string, details: object = {}) {
    super(message);
    this.exitCode = exitCode;
    this.details = details;
  }
}
