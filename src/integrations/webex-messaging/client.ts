import type { AbortOptions } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Secret } from '../../lib/secret.ts';
import { type OnLogin, WebexCore } from './core.ts';
import { appTokens, type GrantedApp } from './credentials/app-source.ts';
import { type GrantStore, memoryGrantStore } from './credentials/grant.ts';
import { type GuestIssuer, guestTokens } from './credentials/guest-source.ts';
import { TokenEndpoint } from './credentials/oauth.ts';
import { fixedToken, type TokenSource } from './credentials/token-source.ts';
import { type Access, accessOf } from './resources/access.ts';
import { type Devices, devicesOf } from './resources/devices.ts';
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
  | { readonly app: GrantedApp }
  | { readonly guest: GuestIssuer };

/**
 * Speaks to the Webex messaging service with one credential (cloud facts 1.1
 * to 1.4), and lists the devices of the cloud (1.5). Every verb throws WebexError, or the reason of an aborted signal.
 */
export class WebexClient {
  readonly access: Access;
  readonly attachmentActions: AttachmentActions;
  readonly devices: Devices;
  readonly memberships: Memberships;
  readonly messages: Messages;
  readonly organizations: Organizations;
  readonly people: People;
  readonly rooms: Rooms;
  readonly teamMemberships: TeamMemberships;
  readonly teams: Teams;
  readonly webhooks: Webhooks;
  readonly #transport: WebexTransport;
  readonly #core: WebexCore;

  constructor(
    transport: WebexTransport,
    { tokens, clock, onLogin }: { tokens: TokenSource; clock: Clock; onLogin?: OnLogin | undefined },
  ) {
    const core = new WebexCore(transport, { tokens, onLogin });
    this.#transport = transport;
    this.#core = core;
    this.access = accessOf(core, clock);
    this.attachmentActions = attachmentActionsOf(core);
    this.devices = devicesOf(core);
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
    return this.#core.accessToken(options);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}

export interface WebexClientModules {
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Keeps what an app is granted; for the process alone when left out. */
  readonly store?: GrantStore | undefined;
  readonly onLogin?: OnLogin | undefined;
}

/** A client with connections of its own; `close` ends them. */
export function createWebexClient(
  options: WebexConnection & WebexLogin,
  modules: WebexClientModules,
): WebexClient {
  const transport = createTransport(options, modules);
  const { clock, onLogin } = modules;
  return new WebexClient(transport, { tokens: tokensOf(options, transport, modules), clock, onLogin });
}

function tokensOf(
  login: WebexLogin,
  transport: WebexTransport,
  { clock, store = memoryGrantStore() }: WebexClientModules,
): TokenSource {
  if ('token' in login) return fixedToken(login.token);
  if ('guest' in login) return guestTokens(login.guest, { transport, clock });
  return appTokens(login.app, { endpoint: new TokenEndpoint(transport, clock), store, clock });
}
