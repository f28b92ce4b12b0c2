import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { type NewId, uuidv7 } from '../../lib/random.ts';
import { press } from './webex/actions.ts';
import { type WebexDelivery, WebhookDelivery } from './webex/delivery.ts';
import { type WebexFailure, WebexService } from './webex/service.ts';
import {
  type WebexAction,
  type WebexDevice,
  type WebexMembership,
  type WebexMessage,
  type WebexPerson,
  type WebexRoom,
  WebexState,
  type WebexTeam,
  type WebexWebhook,
} from './webex/state.ts';
import { TokenBook, type WebexApp, type WebexLifetimes } from './webex/token-book.ts';

export interface WebexStandInOptions {
  /** 0 (the default) takes a free port. */
  readonly port?: number;
  /** Who is behind each bearer token that holds from the start and for ever. */
  readonly tokens: Readonly<Record<string, WebexPerson>>;
  /** What a token of `tokens` may do; one that is not named here may do everything. */
  readonly scopes?: Readonly<Record<string, readonly string[]>>;
  /** Rooms that exist from the start. `members` are e-mail addresses; without them everybody is in. */
  readonly rooms?: readonly {
    readonly id?: string;
    readonly title: string;
    readonly members?: readonly string[];
  }[];
  /** Devices that are registered from the start. */
  readonly devices?: readonly WebexDevice[];
  /** Whether a page of devices names the next in a Link header; true where nothing is said. */
  readonly linksDevicePages?: boolean;
  readonly apps?: readonly WebexApp[];
  /** The secret is in base64. */
  readonly guestIssuers?: readonly { readonly issuerId: string; readonly secret: string }[];
  readonly lifetimes?: WebexLifetimes;
  /** Each use of a refresh token ends it and gives another; whether and when the service does so is not published. */
  readonly rotatesRefreshTokens?: boolean;
  readonly webhooks?: {
    /** So many posts in a row that nobody takes make a webhook inactive; how many the service bears is not published. */
    readonly mostFailures?: number;
    /** What receivers by HTTPS are trusted by; this machine's authorities where nothing is said. */
    readonly ca?: string;
  };
  readonly clock?: Clock;
  readonly newId?: NewId;
  /** The most items on a page, whatever `max` asks for. */
  readonly pageSize?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** What it holds is live: read it again to see what has changed. Lists are oldest first. */
export interface WebexStandIn {
  /** The base URL, with the version: `http://127.0.0.1:PORT/v1`. */
  readonly url: string;
  readonly rooms: readonly WebexRoom[];
  readonly teams: readonly WebexTeam[];
  readonly memberships: readonly WebexMembership[];
  readonly teamMemberships: readonly WebexMembership[];
  readonly webhooks: readonly WebexWebhook[];
  readonly actions: readonly WebexAction[];
  /** May be changed: what is in it is registered. */
  readonly devices: WebexDevice[];
  /** Every message held. */
  readonly messages: () => readonly WebexMessage[];
  /** The latest requests (at most 1,000) and what they were answered. */
  readonly requests: () => readonly {
    readonly method: string;
    readonly path: string;
    readonly status: number;
  }[];
  /** What webhooks were posted, once every post that is under way is over. */
  readonly deliveries: () => Promise<readonly WebexDelivery[]>;
  readonly fail: (failure: WebexFailure) => void;
  /** Somebody, by e-mail, presses a button of the card of a message; answers the action's id. */
  readonly press: (email: string, messageId: string, inputs: Readonly<Record<string, unknown>>) => string;
  readonly tokens: Pick<TokenBook, 'setLifetimes' | 'revoke' | 'endAccess'>;
  readonly stop: () => Promise<void>;
}

const MOST_FAILED_POSTS = 100;

/**
 * Stands in for the Webex messaging REST service on 127.0.0.1, over HTTP or
 * TLS: people, organizations, teams, rooms, memberships, messages with files
 * and cards, webhooks that are posted, attachment actions, and the endpoints
 * that give tokens, as cloud facts 1.1 to 1.4 tell, and devices (1.5), held in memory.
 *
 * Chosen where the facts are silent: 403 where a bot lists a group room
 * without mentionedPeople and where a scope is missing, 400 for a parentId
 * that is not in the room or is a reply, 400 for a card without a text, and an
 * unknown e-mail address is invited.
 */
export async function startWebexStandIn(options: WebexStandInOptions): Promise<WebexStandIn> {
  const clock = options.clock ?? systemClock();
  const newId = options.newId ?? uuidv7(clock);
  const state = new WebexState(Object.values(options.tokens), { clock, newId });
  for (const room of options.rooms ?? []) seedRoom(room, state);
  state.devices.push(...(options.devices ?? []));
  state.linksDevicePages = options.linksDevicePages ?? true;
  const book = new TokenBook(options, { state, clock, newId });
  const mostFailures = options.webhooks?.mostFailures ?? MOST_FAILED_POSTS;
  const delivery = new WebhookDelivery({ mostFailures, ca: options.webhooks?.ca }, { state, clock });
  state.onNews = (news) => delivery.tell(news);
  const service = new WebexService({ pageSize: options.pageSize }, { state, book, clock, newId });
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void service.handle(request, response);
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  const port = await listen(server, options.port ?? 0);
  service.url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}/v1`;
  return {
    url: service.url,
    rooms: state.rooms,
    teams: state.teams,
    memberships: state.memberships,
    teamMemberships: state.teamMemberships,
    webhooks: state.webhooks,
    actions: state.actions,
    devices: state.devices,
    messages: () => [...state.messages],
    requests: () => [...service.requests],
    deliveries: async () => {
      await delivery.settled();
      return [...delivery.deliveries];
    },
    fail: (failure) => {
      if (failure.times > 0) service.failures.push({ ...failure });
    },
    press: (email, messageId, inputs) => press(state, state.personByEmail(email), messageId, inputs).id,
    tokens: book,
    stop: async () => {
      await close(server);
      await delivery.settled();
    },
  };
}

function seedRoom(
  room: { id?: string; title: string; members?: readonly string[] },
  state: WebexState,
): void {
  const members = (room.members ?? state.people.map((person) => person.email)).map(
    (email) => state.personByEmail(email).personId,
  );
  state.addRoom({ id: room.id, title: room.title, type: 'group', creatorId: members[0] ?? '', members });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
