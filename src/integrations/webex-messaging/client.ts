import type { AbortOptions } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Secret } from '../../lib/secret.ts';
import { WebexCore } from './core.ts';
import { appTokens } from './credentials/app-source.ts';
import { type GrantStore, memoryGrantStore } from './credentials/grant.ts';
import { type GuestIssuer, guestTokens } from './credentials/guest-source.ts';
import { type OAuthApp, TokenEndpoint } from './credentials/oauth.ts';
import { fixedToken, type TokenSource } from './credentials/token-source.ts';
import { type Access, accessOf } from './resources/access.ts';
import { type Messages, messagesOf } from './resources/messages.ts';
import { type Organizations, organizationsOf, type People, peopleOf } from './resources/people.ts';
import { type Memberships, membershipsOf, type Rooms, roomsOf } from './resources/rooms.ts';
import { type TeamMemberships, type Teams, teamMembershipsOf, teamsOf } from './resources/teams.ts';
import {
  type AttachmentActions,
  attachmentActionsOf,
  type Webhooks,
  webhooksOf,
} from './resources/webhooks.ts';
import { createTransport, type WebexConnection, type WebexTransport } from './transport.ts';

/** As whom the service is spoken to: a token, an app that was granted one, or a guest of a guest issuer. */
export type WebexLogin =
  | { readonly token: Secret }
  | { readonly app: OAuthApp & { readonly refreshToken: Secret } }
  | { readonly guest: GuestIssuer };

/**
 * Speaks to the Webex messaging service with one credential (cloud facts 1.1
 * to 1.4). Every verb throws WebexError, or the reason of an aborted signal.
 */
export class WebexClient {
  readonly access: Access;
  readonly attachmentActions: AttachmentActions;
  readonly memberships: Memberships;
  readonly messages: Messages;
  readonly organizations: Organizations;
  readonly people: People;
  readonly rooms: Rooms;
  readonly teamMemberships: TeamMemberships;
  readonly teams: Teams;
  readonly webhooks: Webhooks;
  readonly #transport: WebexTransport;
  readonly #tokens: TokenSource;

  constructor(transport: WebexTransport, { tokens, clock }: { tokens: TokenSource; clock: Clock }) {
    const core = new WebexCore(transport, tokens);
    this.#transport = transport;
    this.#tokens = tokens;
    this.access = accessOf(core, clock);
    this.attachmentActions = attachmentActionsOf(core);
    this.memberships = membershipsOf(core);
    this.messages = messagesOf(core);
    this.organizations = organizationsOf(core);
    this.people = peopleOf(core);
    this.rooms = roomsOf(core);
    this.teamMemberships = teamMembershipsOf(core);
    this.teams = teamsOf(core);
    this.webhooks = webhooksOf(core);
  }

  /** The token that it speaks with now, for another service of Webex that takes the same. */
  accessToken(options: AbortOptions = {}): Promise<Secret> {
    return this.#tokens.token(options);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}

/** A client with connections of its own; `close` ends them. `store` keeps what an app is granted, for the process alone when left out. */
export function createWebexClient(
  options: WebexConnection & WebexLogin,
  modules: { clock: Clock; logger?: Logger; store?: GrantStore },
): WebexClient {
  const transport = createTransport(options, modules);
  return new WebexClient(transport, { tokens: tokensOf(options, transport, modules), clock: modules.clock });
}

function tokensOf(
  login: WebexLogin,
  transport: WebexTransport,
  { clock, store = memoryGrantStore() }: { clock: Clock; store?: GrantStore },
): TokenSource {
  if ('token' in login) return fixedToken(login.token);
  if ('guest' in login) return guestTokens(login.guest, { transport, clock });
  return appTokens(login.app, { endpoint: new TokenEndpoint(transport, clock), store, clock });
}
