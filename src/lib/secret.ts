import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';

const HIDDEN = '[secret]';

/**
 * A value that never prints: string conversion, JSON and inspection all show
 * `[secret]`. The text is reached only by `reveal`, which makes each use easy
 * to find.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  /** A keyed fingerprint (HMAC-SHA-256, 16 hex digits) that tells two secrets apart and reveals neither. */
  fingerprint(key: string): string {
    return createHmac('sha256', key).update(this.#text).digest('hex').slice(0, 16);
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
