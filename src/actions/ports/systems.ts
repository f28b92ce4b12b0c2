import type { AbortOptions } from '../../lib/abort.ts';

/** What came of asking another system. */
export interface SystemCheck {
  /** Its key under `systems:`. */
  readonly system: string;
  readonly ok: boolean;
  /** A sentence: what it said, or why it could not be asked. */
  readonly found: string;
}

/** What a person who lets roomd into Webex goes through: an address, and the way back from it. */
export interface WebexGrantPorts {
  /** The address at which a person grants; null: what roomd's verbs need. Throws SystemError. */
  begin(scopes: readonly string[] | null): {
    readonly url: string;
    readonly redirectUri: string;
    /** UTC milliseconds. */
    readonly endsAt: number;
  };
  /** Who roomd is by the grant, in a sentence; null where nobody asked for it. Throws what Webex refuses. */
  complete(
    back: { readonly state: string; readonly code: string },
    options: AbortOptions,
  ): Promise<string | null>;
}
