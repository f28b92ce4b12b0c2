/**
 * The base of every error that roomd raises on purpose. A module declares its
 * own closed set of codes by extending this class; `code` is stable and
 * listed in docs/errors.md, `message` is a sentence for people.
 */
export class RoomdError<Code extends string = string> extends Error {
  readonly code: Code;
  /** Whether the same attempt may succeed later without anyone changing anything. */
  readonly retryable: boolean;
  /** Typed facts about the failure, safe to log and to show. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: Code,
    message: string,
    options: {
      retryable?: boolean;
      details?: Readonly<Record<string, unknown>>;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}

/** The message of anything that was thrown, for a sentence shown to people. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Marks the end of a union: a new member that is not handled does not compile. */
export function unreachable(value: never): never {
  throw new TypeError(`unhandled case: ${JSON.stringify(value)}`);
}
