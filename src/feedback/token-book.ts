import { hash } from 'node:crypto';

/** Whose webhook URL holds which token. */
export interface DeviceToken {
  readonly deviceId: number;
  readonly token: string;
}

/**
 * Finds the device of a token. Tokens are looked up by their SHA-256, so the
 * time a lookup takes tells nothing of how much of a guess was right.
 */
export class TokenBook {
  readonly #devices: ReadonlyMap<string, number>;

  constructor(tokens: readonly DeviceToken[]) {
    this.#devices = new Map(tokens.map(({ deviceId, token }) => [digest(token), deviceId]));
  }

  find(token: string): number | null {
    return this.#devices.get(digest(token)) ?? null;
  }
}

function digest(token: string): string {
  return hash('sha256', token, 'base64');
}
