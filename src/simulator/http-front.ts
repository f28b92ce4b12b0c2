import type { IncomingMessage, ServerResponse } from 'node:http';
import { sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { type Accounts, basicCredentials } from './accounts.ts';
import type { Counters } from './counters.ts';
import type { DeviceState } from './device-state.ts';
import type { Faults } from './faults.ts';
import { RateLimit } from './rate-limit.ts';
import { type Touch, touchOfRequest } from './write-watch.ts';
import type { XmlAnswer, XmlEndpoint } from './xml-endpoint.ts';

const LARGEST_BODY = 8 * 1_024 * 1_024;
const SIGN_IN_PAGE =
  '<!DOCTYPE html>\n<html><head><title>Sign In</title></head><body>Sign in</body></html>\n';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly unanswered?: true;
}

export interface HttpFrontParts {
  readonly state: DeviceState;
  readonly xml: XmlEndpoint;
  readonly accounts: Accounts;
  readonly counters: Counters;
  readonly faults: Faults;
  readonly clock: Clock;
  /** The time an answer takes now, milliseconds. */
  readonly latencyMs: () => number;
}

/** The HTTPS side of a device: logins, sessions, rate limits, and the XML API behind them. */
export class HttpFront {
  readonly #parts: HttpFrontParts;
  readonly #basicLimit: RateLimit;
  readonly #sessionLimit: RateLimit;

  constructor(parts: HttpFrontParts) {
    const { settings } = parts.state;
    this.#parts = parts;
    this.#basicLimit = new RateLimit(
      { perSecond: settings.basicPerSecond, queue: settings.basicQueue },
      parts,
    );
    this.#sessionLimit = new RateLimit(
      { perSecond: settings.sessionPerSecond, queue: settings.sessionQueue },
      parts,
    );
  }

  /** Serves one request. A client that goes away ends the work. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const end = this.#parts.counters.httpRequests.begin();
    let endTouch: (() => void) | null = null;
    try {
      const answer = await this.#answer(request, gone.signal, (touch) => {
        endTouch = this.#parts.counters.touch(touch);
      });
      const latencyMs = this.#parts.latencyMs();
      if (latencyMs > 0) await sleep(latencyMs, this.#parts.clock, gone);
      const isSent = answer.unanswered !== true && !this.#parts.faults.has('half-open');
      if (!gone.signal.aborted && isSent) this.#send(response, answer);
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    } finally {
      (endTouch as (() => void) | null)?.();
      end();
    }
  }

  async #answer(
    request: IncomingMessage,
    signal: AbortSignal,
    onTouch: (touch: Touch) => void,
  ): Promise<Answer> {
    const { counters, faults } = this.#parts;
    const url = new URL(request.url ?? '/', 'https://device');
    const path = url.pathname;
    counters.count(`${request.method ?? ''} ${path}`);
    if (faults.has('unavailable')) return UNAVAILABLE;
    const body = request.method === 'POST' ? await readBody(request) : '';
    if (body === null) return { status: 413, body: 'Request Entity Too Large' };
    if (path === '/xmlapi/session/begin') return this.#begin(request, signal);
    const login = await this.#login(request, signal);
    if (typeof login !== 'string') return login;
    if (path === '/xmlapi/session/end') return this.#end(request);
    const touch = touchOfRequest(request.method ?? '', path, body);
    if (touch !== null) onTouch(touch);
    return this.#route(request.method ?? '', url, body, login);
  }

  #route(method: string, url: URL, body: string, user: string): Answer {
    const { xml } = this.#parts;
    if (method === 'POST')
      return url.pathname === '/putxml' ? this.#shown(xml.putxml(body, user)) : NOT_FOUND;
    if (method !== 'GET') return { status: 405, body: 'Method Not Allowed' };
    if (url.pathname === '/getxml') return this.#shown(xml.getxml(url.searchParams.get('location')));
    const document = xml.document(url.pathname);
    return document === null ? NOT_FOUND : this.#shown(document);
  }

  #shown(answer: XmlAnswer): Answer {
    if (!this.#parts.faults.has('malformed')) return answer;
    return { ...answer, body: answer.body.slice(0, Math.ceil(answer.body.length * 0.6)) };
  }

  /** The user who asks, or the answer that turns the request away. */
  async #login(request: IncomingMessage, signal: AbortSignal): Promise<string | Answer> {
    const { state, accounts } = this.#parts;
    const session = cookiesOf(request)
      .map((cookie) => state.sessions.use(cookie))
      .find((found) => found !== null);
    if (session !== undefined && session !== null)
      return (await this.#sessionLimit.enter(signal)) ? session.user : UNAVAILABLE;
    const credentials = basicCredentials(request.headers.authorization);
    if (credentials === null) return this.#notLoggedIn();
    if (!(await this.#basicLimit.enter(signal))) return UNAVAILABLE;
    const login = accounts.login(credentials);
    return login.ok ? login.user : UNAUTHORIZED;
  }

  #notLoggedIn(): Answer {
    switch (this.#parts.state.settings.notLoggedIn) {
      case 'unauthorized':
        return UNAUTHORIZED;
      case 'redirect':
        return { status: 302, body: '', headers: { location: '/web/signin' } };
      case 'sign-in-page':
        return { status: 200, body: SIGN_IN_PAGE, contentType: 'text/html' };
      default:
        return this.#parts.state.settings.notLoggedIn satisfies never;
    }
  }

  async #begin(request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    const { state, accounts } = this.#parts;
    if (!(await this.#basicLimit.enter(signal))) return UNAVAILABLE;
    const login = accounts.login(basicCredentials(request.headers.authorization));
    if (!login.ok) return UNAUTHORIZED;
    const session = state.sessions.open(login.user);
    if (session === null) return { status: state.settings.sessionLimitStatus, body: 'Too many sessions' };
    const { sessionCookies, cookieAttributes } = state.settings;
    const cookies = sessionCookies.map((name) => `${name}=${session.cookie}; ${cookieAttributes}`);
    return { status: 204, body: '', headers: { 'set-cookie': cookies } };
  }

  #end(request: IncomingMessage): Answer {
    for (const cookie of cookiesOf(request)) this.#parts.state.sessions.end(cookie);
    return { status: 204, body: '' };
  }

  #send(response: ServerResponse, answer: Answer): void {
    if (!this.#parts.state.settings.keepsAlive) response.setHeader('Connection', 'close');
    response.writeHead(answer.status, {
      Server: 'nginx',
      ...(answer.status === 204 ? {} : { 'Content-Type': answer.contentType ?? 'text/plain' }),
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'self'",
      'Permissions-Policy': 'geolocation=()',
      'Strict-Transport-Security': 'max-age=0',
      'Cache-Control': 'no-store, max-age=0',
      ...(answer.status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(answer.body)) }),
      ...answer.headers,
    });
    response.end(answer.body);
  }
}

const UNAUTHORIZED: Answer = {
  status: 401,
  body: 'Unauthorized',
  headers: { 'www-authenticate': 'Basic realm="CISCO-Endpoint"' },
};
const UNAVAILABLE: Answer = { status: 503, body: 'Service Temporarily Unavailable' };
const NOT_FOUND: Answer = { status: 404, body: 'Not Found' };

/** The whole body as text, or null where it is larger than the device takes. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LARGEST_BODY) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function cookiesOf(request: IncomingMessage): string[] {
  const found: string[] = [];
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const match = /^\s*(?:Secure)?SessionId=(\S+)\s*$/.exec(part);
    if (match?.[1] !== undefined) found.push(match[1]);
  }
  return found;
}
