import { DeadlineError, sleep, withDeadline } from '../lib/abort.ts';
import { backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { HttpClient, HttpResponse } from '../lib/http-client.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import type { DeviceAddress, LoginGate, WebSessionLedger } from './device.ts';
import { type Answer, loginRefusal, readAnswer, refuseStatus } from './envelope.ts';
import { XapiError } from './errors.ts';
import { basicAuthorization, mayHaveBeenSent } from './failure.ts';
import type { Limit } from './limit.ts';
import { withEachSecret } from './login-choice.ts';
import { Pace } from './pace.ts';
import type { XapiSettings } from './settings.ts';
import { endWebSession } from './web-session-end.ts';

export interface XmlApiRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** XML; sent as text/xml. */
  readonly body?: string;
  readonly deadlineMs: number;
  /** The beginning of a sentence about it. */
  readonly what: string;
}

export interface WebSessionParts {
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly gate: LoginGate;
  readonly ledger: WebSessionLedger;
  readonly logger: Logger;
  /** Runs the work when a place among all devices' exchanges is free. */
  readonly limit: Limit;
  /** Told how many control characters were taken out of an answer. */
  readonly onStripped: (count: number) => void;
}

/**
 * The XML API of one device over HTTPS. A session (cookie) is begun when work
 * comes, used by all of it, and ended after `webSessionIdleMs` without work or
 * by `stop`: sessions do not time out on the device, and it has 30 in all. A
 * device that begins none is spoken to by Basic authentication until it was
 * left alone for that long. Requests keep to the device's rates; 503 is waited
 * out within the request's deadline.
 */
export class WebSession {
  readonly #addressNow: () => DeviceAddress;
  readonly #settings: XapiSettings;
  readonly #parts: WebSessionParts;
  readonly #basicPace: Pace;
  readonly #sessionPace: Pace;
  #cookie: string | null = null;
  #hasSessions = true;
  #isLeftToOthers = false;
  #beginning: Promise<void> | null = null;
  #ending: Promise<void> = Promise.resolve();
  #underWay = 0;
  #cancelIdle: (() => void) | null = null;
  #stopped = false;
  #epoch = 0;

  constructor(options: { address: () => DeviceAddress; settings: XapiSettings }, parts: WebSessionParts) {
    this.#addressNow = options.address;
    this.#settings = options.settings;
    this.#parts = parts;
    this.#basicPace = new Pace({ perSecond: options.settings.basicRate, burst: 1 }, parts);
    this.#sessionPace = new Pace(
      { perSecond: options.settings.sessionRate, burst: Math.max(1, options.settings.sessionRate) },
      parts,
    );
  }

  get #address(): DeviceAddress {
    return this.#addressNow();
  }

  get cookie(): string | null {
    return this.#cookie;
  }

  /** While others are to have the device's sessions, work goes by Basic authentication, and a session ends with the work under way. */
  leaveToOthers(isLeft: boolean): void {
    if (isLeft === this.#isLeftToOthers) return;
    this.#isLeftToOthers = isLeft;
    this.#epoch += 1;
    if (isLeft && this.#underWay === 0) this.#end();
  }

  /** Changes with every new session, and after every idle time: what was checked before must be checked again. */
  get epoch(): number {
    return this.#epoch;
  }

  /** A good answer. @throws XapiError or whatever the client throws */
  async request(request: XmlApiRequest, signal?: AbortSignal): Promise<Answer> {
    if (this.#stopped) throw this.#isOver();
    this.#workBegins();
    let lastBusy: XapiError | null = null;
    try {
      const { what, deadlineMs: afterMs } = request;
      return await withDeadline({ what, afterMs, clock: this.#parts.clock, signal }, (inner) =>
        this.#untilNotBusy(
          inner,
          (busy) => {
            lastBusy = busy;
          },
          () => this.#exchange(request, inner),
        ),
      );
    } catch (error) {
      throw error instanceof DeadlineError && lastBusy !== null ? lastBusy : error;
    } finally {
      this.#workEnds();
    }
  }

  /** Ends the session; the next work begins a new one. */
  async renew(): Promise<void> {
    await this.#beginning?.catch(() => undefined);
    this.#end();
    await this.#ending;
  }

  /** Ends the session, waiting for one that is just being begun. The client is the caller's to close. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelIdle?.();
    this.#cancelIdle = null;
    await this.#beginning?.catch(() => undefined);
    this.#end();
    await this.#ending;
  }

  /** A cookie that the device does not know any more costs one new session; a login it took is not refused. */
  async #exchange(request: XmlApiRequest, signal: AbortSignal): Promise<Answer> {
    for (let round = 1; ; round += 1) {
      const cookie = await this.#login(signal);
      if (cookie === null) return this.#read(await this.#attempt(request, signal), request.what);
      const response = await this.#send(request, { cookie }, this.#sessionPace, signal);
      if (loginRefusal(response, request.what) === null) return this.#read(response, request.what);
      if (round === 2) throw noPermission(request.what, this.#address);
      await this.#forget(cookie);
    }
  }

  /** The cookie of a session, begun if need be; null on a device that has no sessions. */
  async #login(signal: AbortSignal): Promise<string | null> {
    while (this.#hasSessions && !this.#isLeftToOthers && this.#cookie === null) {
      signal.throwIfAborted();
      if (this.#stopped) throw this.#isOver();
      this.#beginning ??= this.#begin().finally(() => {
        this.#beginning = null;
      });
      await this.#beginning;
    }
    return this.#cookie;
  }

  /** Not called off by one request's signal, because all that wait share it and a half-begun session would leak. */
  async #begin(): Promise<void> {
    await this.#ending;
    const deadlineMs = this.#settings.requestDeadlineMs;
    const request: XmlApiRequest = {
      method: 'POST',
      path: BEGIN,
      deadlineMs,
      what: `login at ${this.#address.name}`,
    };
    const response = await this.#attempt(request, undefined);
    const cookie = response.status === 204 ? sessionCookie(response) : null;
    this.#epoch += 1;
    if (cookie === null) {
      this.#hasSessions = false;
      this.#parts.logger.info(
        { status: response.status },
        'device begins no web sessions, using Basic authentication',
      );
      return;
    }
    this.#cookie = cookie;
    await this.#parts.ledger.opened(this.#address.id, cookie);
  }

  /** One exchange with Basic authentication, which is a login attempt; the gate learns how it ended. */
  #attempt(request: XmlApiRequest, signal: AbortSignal | undefined): Promise<HttpResponse> {
    return withEachSecret(this.#address, () => this.#attemptOnce(request, signal));
  }

  async #attemptOnce(request: XmlApiRequest, signal: AbortSignal | undefined): Promise<HttpResponse> {
    const { gate } = this.#parts;
    const login = await gate.enter(this.#address, { signal });
    let response: HttpResponse;
    try {
      const header = { authorization: basicAuthorization(login) };
      response = await this.#send(request, header, this.#basicPace, signal);
    } catch (error) {
      await gate.abandoned(login, { sent: mayHaveBeenSent(error) });
      throw error;
    }
    const refusal = loginRefusal(response, request.what);
    if (refusal !== null) {
      await gate.refused(login, refusal);
      throw refusal;
    }
    if (response.status === (request.path === BEGIN ? 204 : 200)) await gate.accepted(login);
    else await gate.abandoned(login, { sent: false });
    if (response.status === 503 || response.status === 502 || response.status === 504)
      refuseStatus(response, request.what);
    return response;
  }

  async #send(
    request: XmlApiRequest,
    login: Readonly<Record<string, string>>,
    pace: Pace,
    signal: AbortSignal | undefined,
  ): Promise<HttpResponse> {
    const { client, limit } = this.#parts;
    await pace.take({ signal });
    const type: Record<string, string> = request.body === undefined ? {} : { 'content-type': 'text/xml' };
    return limit(() =>
      client.request({
        method: request.method,
        path: request.path,
        headers: { ...login, ...type },
        ...(request.body === undefined ? {} : { body: request.body }),
        deadlineMs: request.deadlineMs,
        maxBytes: this.#settings.maxAnswerBytes,
        signal,
      }),
    );
  }

  async #untilNotBusy<T>(
    signal: AbortSignal,
    onBusy: (error: XapiError) => void,
    work: () => Promise<T>,
  ): Promise<T> {
    const { clock, random } = this.#parts;
    for (let failures = 1; ; failures += 1) {
      try {
        return await work();
      } catch (error) {
        if (!isHttpBusy(error)) throw error;
        onBusy(error);
        await sleep(backoffMs(failures, this.#settings.busyBackoff, random), clock, { signal });
      }
    }
  }

  #read(response: HttpResponse, what: string): Answer {
    const answer = readAnswer(response, what);
    if (answer.strippedControls > 0) this.#parts.onStripped(answer.strippedControls);
    return answer;
  }

  #isOver(): XapiError {
    return new XapiError('closed', `roomd no longer speaks to ${this.#address.name}`);
  }

  #workBegins(): void {
    this.#underWay += 1;
    this.#cancelIdle?.();
    this.#cancelIdle = null;
  }

  #workEnds(): void {
    this.#underWay -= 1;
    if (this.#underWay > 0 || this.#stopped) return;
    if (this.#isLeftToOthers) this.#end();
    this.#cancelIdle = this.#parts.clock.after(this.#settings.webSessionIdleMs, () => {
      this.#epoch += 1;
      this.#hasSessions = true;
      this.#end();
    });
  }

  #end(): void {
    const cookie = this.#cookie;
    if (cookie === null) return;
    this.#cookie = null;
    this.#ending = endWebSession(cookie, this.#address, this.#settings, this.#parts).catch(
      (error: unknown) => {
        this.#parts.logger.warn({ error: messageOf(error) }, 'web session could not be ended');
      },
    );
  }

  /** The device no longer knows this cookie. */
  async #forget(cookie: string): Promise<void> {
    if (this.#cookie === cookie) this.#cookie = null;
    await this.#parts.ledger.closed(this.#address.id, cookie);
  }
}

const BEGIN = '/xmlapi/session/begin';

/** The login gate's own `busy` has no HTTP status and is not waited out here. */
function isHttpBusy(error: unknown): error is XapiError {
  return error instanceof XapiError && error.code === 'busy' && error.details['status'] === 503;
}

function noPermission(what: string, { username }: DeviceAddress): XapiError {
  return new XapiError(
    'permission',
    `${what}: the device took the login of ${username} and refuses this request; the account needs the Admin role`,
  );
}

/** `SessionId` or `SecureSessionId`, whichever came; both where both came. */
export function sessionCookie(response: HttpResponse): string | null {
  const lines = response.headers['set-cookie'] ?? [];
  const pairs = (typeof lines === 'string' ? [lines] : lines).map(
    (line) => line.split(';', 1)[0]?.trim() ?? '',
  );
  const named = pairs.filter((pair) => /^(?:Secure)?SessionId=./i.test(pair));
  return named.length === 0 ? null : named.join('; ');
}
