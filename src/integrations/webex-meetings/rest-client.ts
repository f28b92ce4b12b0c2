import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import type { HttpResponse } from '../../lib/http-client.ts';
import { nextLink } from '../../lib/http-headers.ts';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import { Secret } from '../../lib/secret.ts';
import { Caller, type Reach } from './caller.ts';
import { MeetingsError } from './errors.ts';
import { statusError } from './failure.ts';
import type {
  Invitee,
  Meeting,
  MeetingCallOptions,
  MeetingChange,
  MeetingPlan,
  MeetingService,
  MeetingSummary,
  MeetingTime,
} from './meetings.ts';
import { MeetingId, RestInvitee, RestMeeting, RestRefusal } from './rest-schema.ts';

const WEBEX_BASE_URL = 'https://webexapis.com/v1';
const JOIN_EARLY_MINUTES = 5;
const PAGE_SIZE = 100;

export interface RestMeetingsOptions extends Reach {
  /** With the version; `https://webexapis.com/v1` when left out. */
  readonly baseUrl?: string;
  /** Asked for every request, so that it may be renewed behind it. */
  readonly token: () => Promise<Secret>;
  /** On whose behalf: only with the token of an administrator or a service app. */
  readonly hostEmail?: string;
  /** The site to schedule on; the host's preferred one when left out. */
  readonly siteUrl?: string;
}

/** Meetings by the Webex REST API (cloud facts 1.3 and 1.7, spec webex-meeting.json). */
export class RestMeetings implements MeetingService {
  readonly #options: RestMeetingsOptions;
  readonly #origin: string;
  /** What every path begins with, without a trailing slash. */
  readonly #prefix: string;
  readonly #caller: Caller;
  readonly #clock: Clock;

  constructor(
    options: RestMeetingsOptions,
    { clock, logger = silentLogger }: { clock: Clock; logger?: Logger },
  ) {
    const url = new URL(options.baseUrl ?? WEBEX_BASE_URL);
    this.#options = options;
    this.#origin = url.origin;
    this.#prefix = url.pathname.replace(/\/+$/, '');
    this.#caller = new Caller(url.origin, options, { clock, logger });
    this.#clock = clock;
  }

  async create(plan: MeetingPlan, options: MeetingCallOptions = {}): Promise<string> {
    const { title, agenda, time, invitees, sendEmail, joinBeforeHost, password } = plan;
    const { hostEmail, siteUrl } = this.#options;
    const body = {
      title,
      agenda: agenda ?? undefined,
      ...timeFields(time),
      password: password?.reveal(),
      invitees: invitees.map(inviteeFields),
      sendEmail,
      enabledJoinBeforeHost: joinBeforeHost,
      joinBeforeHostMinutes: joinBeforeHost ? JOIN_EARLY_MINUTES : 0,
      allowAuthenticatedDevices: joinBeforeHost,
      hostEmail,
      siteUrl,
    };
    return (await this.#ask('POST', '/meetings', options, MeetingId, body)).id;
  }

  async *list(
    { from, to }: { from: number; to: number },
    options: MeetingCallOptions = {},
  ): AsyncGenerator<MeetingSummary, void> {
    const query = queryText({
      meetingType: 'meetingSeries',
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      max: String(PAGE_SIZE),
      hostEmail: this.#options.hostEmail,
      siteUrl: this.#options.siteUrl,
    });
    for await (const meeting of this.#pages(`/meetings${query}`, RestMeeting, options)) {
      // The service lists what overlaps the range, too.
      if (meeting.start >= from && meeting.start < to) yield summaryOf(meeting);
    }
  }

  async get(id: string, options: MeetingCallOptions = {}): Promise<Meeting> {
    const meeting = await this.#meeting(id, options);
    return {
      ...summaryOf(meeting),
      agenda: meeting.agenda,
      sipAddress: meeting.sipAddress,
      password: secretOf(meeting.password),
      videoPassword: secretOf(meeting.phoneAndVideoSystemPassword),
    };
  }

  async update(id: string, change: MeetingChange, options: MeetingCallOptions = {}): Promise<void> {
    const { title, agenda, time } = change;
    const body = {
      title,
      agenda,
      ...(time === undefined ? {} : timeFields(time)),
      hostEmail: this.#options.hostEmail,
    };
    await this.#ask('PATCH', meetingPath(id), options, MeetingId, body);
  }

  async delete(id: string, options: MeetingCallOptions = {}): Promise<void> {
    const path = `${meetingPath(id)}${queryText({ hostEmail: this.#options.hostEmail })}`;
    const { status } = await this.#call('DELETE', path, options);
    // Anything else that looks like a success is the page of a proxy.
    if (status === 204) return;
    throw new MeetingsError('malformed', `DELETE /meetings was answered with ${status}, not 204`, { status });
  }

  async joinUrl(id: string, options: MeetingCallOptions = {}): Promise<string> {
    const { webLink } = await this.#meeting(id, options);
    if (webLink !== null) return webLink;
    throw new MeetingsError('malformed', 'GET /meetings was answered without a webLink');
  }

  async invitees(id: string, options: MeetingCallOptions = {}): Promise<Invitee[]> {
    const { hostEmail } = this.#options;
    const query = queryText({ meetingId: id, max: String(PAGE_SIZE), hostEmail });
    const found: Invitee[] = [];
    for await (const invitee of this.#pages(`/meetingInvitees${query}`, RestInvitee, options))
      found.push(invitee);
    return found.toSorted((a, b) => (a.email < b.email ? -1 : 1));
  }

  async invite(id: string, invitee: Invitee, options: MeetingCallOptions = {}): Promise<void> {
    const body = { meetingId: id, ...inviteeFields(invitee), hostEmail: this.#options.hostEmail };
    try {
      await this.#ask('POST', '/meetingInvitees', options, RestInvitee, body);
    } catch (error) {
      const isInvited = error instanceof MeetingsError && error.details['status'] === 409;
      if (!isInvited) throw error;
    }
  }

  close(): Promise<void> {
    return this.#caller.close();
  }

  #meeting(id: string, options: MeetingCallOptions): Promise<RestMeeting> {
    const path = `${meetingPath(id)}${queryText({ hostEmail: this.#options.hostEmail })}`;
    return this.#ask('GET', path, options, RestMeeting);
  }

  async *#pages<Item>(
    path: string,
    item: z.ZodType<Item>,
    options: MeetingCallOptions,
  ): AsyncGenerator<Item, void> {
    const page = z.object({ items: z.array(item) });
    let next: string | null = path;
    while (next !== null) {
      const response: HttpResponse = await this.#call('GET', next, options);
      yield* readBody(response, page, `GET ${withoutQuery(path)}`).items;
      const link = nextLink(response.headers['link']);
      next = link === null ? null : this.#pathOf(link);
    }
  }

  /** The path of a next-page address, which may stand only at the service itself: the token goes nowhere else. */
  #pathOf(link: string): string {
    const url = URL.canParse(link, this.#origin) ? new URL(link, this.#origin) : null;
    if (url?.origin !== this.#origin || !url.pathname.startsWith(`${this.#prefix}/`)) {
      const said = url?.origin ?? 'an address that cannot be read';
      throw new MeetingsError(
        'malformed',
        `the next page is said to be at ${said}, not under ${this.#origin}${this.#prefix}; it was not asked for`,
      );
    }
    return url.pathname.slice(this.#prefix.length) + url.search;
  }

  async #ask<T>(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    options: MeetingCallOptions,
    schema: z.ZodType<T>,
    body?: object,
  ): Promise<T> {
    const response = await this.#call(method, path, options, body);
    return readBody(response, schema, `${method} ${withoutQuery(path)}`);
  }

  #call(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    options: MeetingCallOptions,
    body?: object,
  ): Promise<HttpResponse> {
    const what = `${method} ${this.#origin}${this.#prefix}${withoutQuery(path)}`;
    return this.#caller.call(what, options, async (exchange) => {
      const token = await this.#options.token();
      const response = await exchange({
        method,
        path: this.#prefix + path,
        headers: {
          authorization: `Bearer ${token.reveal()}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json;charset=UTF-8' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (response.status >= 200 && response.status < 300) return response;
      throw refusalOf(response, what, this.#clock.now());
    });
  }
}

/** UTC on the wire, so that no change of clocks makes it ambiguous; the zone is for invitations. */
function timeFields({ start, end, timezone }: MeetingTime): { start: string; end: string; timezone: string } {
  return { start: new Date(start).toISOString(), end: new Date(end).toISOString(), timezone };
}

function inviteeFields({ email, displayName }: Invitee): { email: string; displayName: string | undefined } {
  return { email, displayName: displayName ?? undefined };
}

function summaryOf({ id, title, start, end, hostEmail }: RestMeeting): MeetingSummary {
  return { id, title, start, end, host: hostEmail };
}

function secretOf(text: string | null): Secret | null {
  return text === null ? null : new Secret(text);
}

function meetingPath(id: string): string {
  return `/meetings/${encodeURIComponent(id)}`;
}

function queryText(query: Readonly<Record<string, string | undefined>>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, value);
  return given.size === 0 ? '' : `?${given.toString()}`;
}

function withoutQuery(path: string): string {
  return path.split('?', 1)[0] ?? path;
}

function readBody<T>(response: HttpResponse, schema: z.ZodType<T>, what: string): T {
  const parsed = schema.safeParse(parseJson(response.body));
  if (parsed.success) return parsed.data;
  throw new MeetingsError(
    'malformed',
    `${what} was answered with ${response.status} but not with what Webex answers; check the base URL and any proxy in between`,
    { status: response.status, cause: parsed.error },
  );
}

function refusalOf(response: HttpResponse, what: string, now: number): MeetingsError {
  const body = RestRefusal.parse(parseJson(response.body));
  const header = response.headers['trackingid'];
  return statusError(response, what, {
    now,
    reason: body.errors[0]?.description ?? body.message,
    trackingId: body.trackingId ?? (header === undefined ? null : String(header)),
  });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
