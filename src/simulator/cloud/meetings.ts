import { type Clock, systemClock } from '../../lib/clock.ts';
import { type NewId, uuidv7 } from '../../lib/random.ts';
import { answerRest, type RestCall } from './meetings-rest.ts';
import { type HeldMeeting, type MeetingsAccount, MeetingsState } from './meetings-state.ts';
import { answerXml, type XmlSettings, xmlOperationOf } from './meetings-xml.ts';
import { failureDocument } from './meetings-xml-answer.ts';
import { isTimezone } from './meetings-zones.ts';
import {
  type StandInAnswer,
  type StandInFault,
  type StandInLogEntry,
  type StandInRequest,
  type StandInService,
  startStandInServer,
} from './stand-in-server.ts';
import { type WebexAnswer, WebexRefusal } from './webex/answer.ts';

export interface MeetingsStandInOptions {
  /** 0 (the default) takes a free port. */
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The first part of the site's host name; `example` when left out. */
  readonly siteName?: string;
  readonly accounts: readonly MeetingsAccount[];
  /** The most items on a page of the REST API, whatever `max` asks for. */
  readonly pageSize?: number;
  readonly xml?: Partial<XmlSettings>;
  readonly clock?: Clock;
  readonly newId?: NewId;
}

/** What to answer instead: an HTTP status, or a FAILURE of the XML API under 200. */
export type MeetingsFault =
  | Exclude<StandInFault, { kind: 'instead' }>
  | {
      readonly kind: 'status';
      readonly times: number;
      readonly operation?: string;
      readonly status: number;
      readonly retryAfterSeconds?: number;
    }
  | {
      readonly kind: 'failure';
      readonly times: number;
      readonly operation?: string;
      readonly exceptionId: string;
      readonly reason: string;
    };

export interface MeetingsStandIn {
  /** The base URL of the REST API, with the version. */
  readonly restUrl: string;
  readonly xmlUrl: string;
  /** What is held, in the order in which it came. */
  readonly meetings: () => readonly HeldMeeting[];
  /** Operations are `POST /meetings`, `GET /meetings/ID`, … and `CreateMeeting`, …. */
  readonly requests: () => readonly StandInLogEntry[];
  readonly fault: (fault: MeetingsFault) => void;
  /** From now on the token is none. */
  readonly revoke: (token: string) => void;
  /** From now on no session ticket that was given out is one. */
  readonly forgetTickets: () => void;
  readonly stop: () => Promise<void>;
}

const XML_SETTINGS: XmlSettings = {
  emptyListFails: false,
  needsPassword: true,
  ticketSeconds: 5400,
  pageSize: 500,
  siteZoneId: 25,
};

/**
 * Stands in for Webex Meetings on 127.0.0.1: the REST API below /v1 and the
 * XML service at /WBXService/XMLService, over the same meetings, held in
 * memory (cloud facts 1.7 and 3). One host sees only their own meetings.
 */
export async function startMeetingsStandIn(options: MeetingsStandInOptions): Promise<MeetingsStandIn> {
  const clock = options.clock ?? systemClock();
  const newId = options.newId ?? uuidv7(clock);
  const { siteName = 'example', accounts } = options;
  const state = new MeetingsState({ siteName, accounts }, { clock, newId });
  const service = new MeetingsService(state, {
    xml: { ...XML_SETTINGS, ...options.xml },
    pageSize: options.pageSize ?? Number.POSITIVE_INFINITY,
    newId,
  });
  const server = await startStandInServer({ ...options, clock }, service);
  service.origin = server.origin;
  return {
    restUrl: `${server.origin}${REST_PATH}`,
    xmlUrl: `${server.origin}${XML_PATH}`,
    meetings: () => [...state.meetings],
    requests: server.requests,
    fault: (fault) => server.fault(service.faultOf(fault)),
    revoke: (token) => state.revoke(token),
    forgetTickets: () => state.forgetTickets(),
    stop: server.stop,
  };
}

const REST_PATH = '/v1';
const XML_PATH = '/WBXService/XMLService';

class MeetingsService implements StandInService {
  origin = '';
  readonly #state: MeetingsState;
  readonly #settings: { xml: XmlSettings; pageSize: number; newId: NewId };

  constructor(state: MeetingsState, settings: { xml: XmlSettings; pageSize: number; newId: NewId }) {
    this.#state = state;
    this.#settings = settings;
  }

  operationOf({ method, url, body }: StandInRequest): string {
    if (isXmlPath(url)) return xmlOperationOf(body);
    const { collection, id } = placeOf(url);
    return `${method} /${collection}${id === null ? '' : '/ID'}`;
  }

  answer(request: StandInRequest): StandInAnswer {
    if (isXmlPath(request.url)) {
      if (request.method !== 'POST') return this.refuse(405, 'The XML service takes POST.');
      return xmlAnswer(answerXml(request.body, this.#state, this.#settings.xml));
    }
    try {
      return this.#rest(answerRest(request.method, this.#callOf(request), this.#state));
    } catch (error) {
      if (error instanceof WebexRefusal) return this.refuse(error.status, error.message);
      throw error;
    }
  }

  refuse(status: number, message: string): StandInAnswer {
    const trackingId = this.#newTrackingId();
    return this.#rest(
      { status, body: { message, errors: [{ description: message }], trackingId } },
      trackingId,
    );
  }

  faultOf(fault: MeetingsFault): StandInFault {
    if (fault.kind === 'failure') {
      const document = failureDocument('meeting', fault.exceptionId, fault.reason);
      return { ...fault, kind: 'instead', answer: () => xmlAnswer(document) };
    }
    if (fault.kind !== 'status') return fault;
    const wait = fault.retryAfterSeconds;
    return {
      ...fault,
      kind: 'instead',
      answer: () => {
        const answer = this.refuse(fault.status, `The service answers ${fault.status} on demand.`);
        return wait === undefined
          ? answer
          : { ...answer, headers: { ...answer.headers, 'retry-after': String(wait) } };
      },
    };
  }

  #callOf({ method, url, headers, body }: StandInRequest): RestCall {
    const caller = this.#state.byToken(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '');
    if (caller === undefined)
      throw new WebexRefusal(
        401,
        'The request requires a valid access token set in the Authorization header.',
      );
    const { collection, id } = placeOf(url);
    const timezone = String(headers['timezone'] ?? 'UTC');
    if (!isTimezone(timezone))
      throw new WebexRefusal(400, 'timezone must be a time zone of the IANA database.');
    const fields = method === 'GET' || method === 'DELETE' ? {} : jsonOf(body, headers['content-type'] ?? '');
    return {
      hostFor: (hostEmail) => this.#hostFor(caller, hostEmail),
      collection,
      id,
      query: url.searchParams,
      body: fields,
      url: `${this.origin}${REST_PATH}/${collection}`,
      pageSize: this.#settings.pageSize,
      timezone,
    };
  }

  /** For whom the caller acts. That others than administrators are refused with 403 is this stand-in's choice. */
  #hostFor(caller: MeetingsAccount, hostEmail: string | null): MeetingsAccount {
    if (hostEmail === null || hostEmail === caller.email) return caller;
    if (caller.isAdmin !== true) throw new WebexRefusal(403, 'hostEmail is for administrators only.');
    const host = this.#state.accounts.find(({ email }) => email === hostEmail);
    if (host === undefined) throw new WebexRefusal(404, 'The host could not be found.');
    return host;
  }

  #rest({ status, body, headers }: WebexAnswer, trackingId = this.#newTrackingId()): StandInAnswer {
    return {
      status,
      headers: {
        trackingid: trackingId,
        ...(body === null ? {} : { 'content-type': 'application/json;charset=UTF-8' }),
        ...headers,
      },
      body: body === null ? null : JSON.stringify(body),
    };
  }

  #newTrackingId(): string {
    return `STANDIN_${this.#settings.newId()}`;
  }
}

function isXmlPath({ pathname }: URL): boolean {
  return pathname.replace(/\/$/, '') === XML_PATH;
}

function placeOf({ pathname }: URL): { collection: string; id: string | null } {
  const [, collection = '', id = null] = /^\/v1\/([^/]+)(?:\/([^/]+))?\/?$/.exec(pathname) ?? [];
  return { collection, id };
}

function xmlAnswer(document: string): StandInAnswer {
  return { status: 200, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body: document };
}

/** The specification names json-patch for PATCH, although the body is no patch: both are taken. */
function jsonOf(text: string, contentType: string): Readonly<Record<string, unknown>> {
  if (!/^application\/(?:json|json-patch\+json)\b/.test(contentType))
    throw new WebexRefusal(415, 'The body must be application/json.');
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  } catch {
    // Falls through to the refusal below.
  }
  throw new WebexRefusal(400, 'The body is not a JSON object.');
}
