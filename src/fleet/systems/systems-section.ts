import type { Secret } from '../../lib/secret.ts';
import type { SystemConnection } from './connection.ts';

/** The file's `systems:` with secrets filled in and paths made absolute; null: the file does not name it. */
export interface SystemsSection {
  readonly webex: WebexSection | null;
  readonly meetings: MeetingsSection | null;
  readonly finesse: FinesseSection | null;
  readonly cucm: CucmSection | null;
}

/** An app that acts by OAuth 2; the refresh token of the file is the first one, later ones may be on record. */
export interface WebexApp {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly refreshToken: Secret;
}

export type WebexCredential =
  | { readonly kind: 'bot' | 'personal'; readonly token: Secret }
  | ({ readonly kind: 'integration' | 'service-app' } & WebexApp)
  | { readonly kind: 'guest'; readonly issuerId: string; readonly secret: Secret };

export interface WebexSection extends SystemConnection {
  readonly credential: WebexCredential;
}

export interface MeetingsSection extends SystemConnection {
  readonly token: Secret | null;
  /** The older XML interface; null where the file names none. */
  readonly xml: {
    readonly url: string;
    readonly siteName: string | null;
    readonly webexId: string | null;
    readonly password: Secret | null;
  } | null;
}

export interface FinesseSection extends SystemConnection {
  readonly username: string;
  readonly password: Secret;
}

export interface CucmSection extends FinesseSection {
  /** Of the AXL schema: `14.0`. */
  readonly version: string;
}
