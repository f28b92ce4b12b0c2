import type { Secret } from '../../lib/secret.ts';
import type { SystemConnection } from './connection.ts';

/** The file's `systems:` with secrets filled in and paths made absolute; null: the file does not name it. */
export interface SystemsSection {
  readonly webex: WebexSection | null;
  readonly meetings: MeetingsSection | null;
  readonly finesse: FinesseSection | null;
  readonly cucm: CucmSection | null;
}

/** An app that acts by OAuth 2. */
export interface WebexApp {
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** The first one, later ones are on record; null: what a person grants is on record only. */
  readonly refreshToken: Secret | null;
  /** Where the daemon takes what a person grants; null: not there. */
  readonly redirectUri: string | null;
}

export type WebexCredential =
  | { readonly kind: 'bot' | 'personal'; readonly token: Secret }
  | ({ readonly kind: 'integration' | 'service-app' } & WebexApp)
  | { readonly kind: 'guest'; readonly issuerId: string; readonly secret: Secret };

export interface WebexSection extends SystemConnection {
  readonly credential: WebexCredential;
}

export interface MeetingsSection extends SystemConnection {
  readonly api: MeetingsApi;
}

/** REST, or the retired XML interface where the file asks for it. */
export type MeetingsApi =
  | {
      readonly kind: 'rest';
      /** Null: that of `systems.webex`. */
      readonly token: Secret | null;
      readonly hostEmail: string | null;
      readonly siteUrl: string | null;
    }
  | {
      readonly kind: 'xml';
      readonly siteName: string;
      readonly webexId: string;
      readonly login: SystemLogin;
    };

/** What an account proves itself with; a token was given by another service. */
export interface SystemLogin {
  readonly kind: 'password' | 'token';
  readonly secret: Secret;
}

export interface FinesseSection extends SystemConnection {
  readonly username: string;
  readonly login: SystemLogin;
}

export interface CucmSection extends SystemConnection {
  readonly username: string;
  readonly password: Secret;
  /** Of the AXL schema: `14.0`. */
  readonly version: string;
}
