import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { type NewId, uuidv7 } from '../../lib/random.ts';
import { newKeyPair, selfSign } from '../certificate.ts';
import { answer } from './finesse-answers.ts';
import type { FinesseAnswer, FinesseSettings } from './finesse-call.ts';
import { type Call, FinesseCalls } from './finesse-calls.ts';
import { errorUpdate, systemInfo, userUpdate } from './finesse-documents.ts';
import { FinesseLogins } from './finesse-logins.ts';
import { type FinesseModel, FinesseState, type StandInMessage, type StandInUser } from './finesse-state.ts';
import { type ErrorWords, errorsDocument, FinesseRefusal, type Shown, write } from './finesse-xml.ts';
import { bodyText, closeServer, listenLocally } from './local-server.ts';

export interface FinesseStandInOptions extends FinesseModel {
  /** 0 (the default) takes a free port. */
  readonly port?: number;
  /** Plain HTTP where false; a certificate of its own otherwise. */
  readonly tls?: boolean;
  /** Bearer token → user id; where given, the system is in SSO mode and takes no passwords. */
  readonly tokens?: Readonly<Record<string, string>>;
  /** Host names of the two nodes, this one first. */
  readonly nodes?: readonly [string, string];
  readonly settings?: Partial<FinesseSettings>;
  readonly clock?: Clock;
  readonly newId?: NewId;
}

/** What goes wrong with the next requests: an error's status, a proxy's page, half an answer, or none at all. */
export type FinesseFault =
  | { readonly kind: 'status'; readonly status: number; readonly words?: ErrorWords }
  | { readonly kind: 'page' | 'truncated' | 'unanswered' };

export interface FinesseStandIn {
  /** `https://127.0.0.1:PORT`, without the path. */
  readonly url: string;
  /** PEM of the certificate; null without TLS. */
  readonly certificate: string | null;
  readonly users: readonly StandInUser[];
  readonly calls: readonly Call[];
  readonly messages: readonly StandInMessage[];
  readonly clientLogs: readonly { readonly userId: string; readonly text: string }[];
  /** What the notification service would have told, as Update documents, oldest first. */
  readonly notifications: readonly string[];
  /** The latest requests (at most 1,000) and what they were answered, oldest first; 0 for no answer. */
  readonly requests: () => readonly {
    readonly method: string;
    readonly path: string;
    readonly status: number;
  }[];
  readonly isLocked: (userId: string) => boolean;
  /** An agent gets busy, ready or whatever, without asking Finesse. */
  readonly setState: (userId: string, state: string, reasonCodeId?: string) => void;
  /** Somebody calls an extension from outside. */
  readonly callIn: (from: string, extension: string) => void;
  /** The next `times` requests go wrong. */
  readonly fail: (fault: FinesseFault, times: number) => void;
  /** The next accepted request has no effect; with words it fails and they are notified. */
  readonly dropEffect: (words?: ErrorWords) => void;
  /** The node goes out of service, or comes back. */
  readonly failover: (isOut: boolean) => void;
  readonly stop: () => Promise<void>;
}

const STANDARD: FinesseSettings = {
  deployment: 'UCCX',
  effectDelayMs: 20,
  refusesAtOnce: false,
  outsideAnswers: true,
  extensions: null,
  mostContacts: 1_500,
  rangeBehindEnd: 'refused',
  systemInfoNeedsLogin: true,
  systemInfoInFailover: 'answered',
  lockMs: 300_000,
};

const NODES = ['finesse1.example.test', 'finesse2.example.test'] as const;
const MOST_BODY_BYTES = 8_000_000;
const MOST_REQUESTS_KEPT = 1_000;
const PAGE = '<!DOCTYPE html>\n<html><head><title>Proxy</title></head><body><p>Hello<br></body></html>\n';

/**
 * Stands in for the REST interface of one Finesse node on 127.0.0.1, as cloud
 * facts 2.1 to 2.3 tell: what changes something is accepted with 202 and done
 * a little later, or not. What the facts leave open is in `FinesseSettings`.
 * There is no notification service; what it would tell is in `notifications`.
 */
export async function startFinesseStandIn(options: FinesseStandInOptions): Promise<FinesseStandIn> {
  const clock = options.clock ?? systemClock();
  const service = new FinesseService(options, clock);
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    // A client that goes away in the middle of its request.
    service.handle(request, response).catch(() => response.destroy());
  };
  const certificate =
    options.tls === false ? null : selfSign(newKeyPair(), { commonName: 'finesse', now: clock.now() });
  const server =
    certificate === null
      ? createServer(listener)
      : createTlsServer({ key: certificate.keyPem, cert: certificate.pem }, listener);
  const port = await listenLocally(server, options.port ?? 0);
  const { state, calls } = service;
  return {
    url: `${certificate === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    certificate: certificate?.pem ?? null,
    users: state.users,
    calls: calls.held,
    messages: state.messages,
    clientLogs: state.clientLogs,
    notifications: service.notifications,
    requests: () => [...service.requests],
    isLocked: (userId) => service.logins.isLocked(userId),
    setState: (userId, word, reasonCodeId) => service.setState(userId, word, reasonCodeId),
    callIn: (from, extension) => void calls.place(from, extension),
    fail: (fault, times) => service.faults.push(...Array<FinesseFault>(times).fill(fault)),
    dropEffect: (words) => service.drops.push(words ?? null),
    failover: (isOut) => {
      service.isInService = !isOut;
    },
    stop: () => {
      service.stop();
      return closeServer(server);
    },
  };
}

class FinesseService {
  readonly state: FinesseState;
  readonly calls: FinesseCalls;
  readonly logins: FinesseLogins;
  readonly requests: { method: string; path: string; status: number }[] = [];
  readonly notifications: string[] = [];
  readonly faults: FinesseFault[] = [];
  /** What becomes of the next effects: null for nothing. */
  readonly drops: (ErrorWords | null)[] = [];
  isInService = true;
  readonly #options: FinesseStandInOptions;
  readonly #settings: FinesseSettings;
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #timers = new Set<() => void>();

  constructor(options: FinesseStandInOptions, clock: Clock) {
    this.#options = options;
    this.#settings = { ...STANDARD, ...options.settings };
    this.#clock = clock;
    this.#newId = options.newId ?? uuidv7(clock);
    this.state = new FinesseState(options, { clock });
    this.calls = new FinesseCalls(this.state, this.#settings);
    this.logins = new FinesseLogins(this.state, {
      tokens: options.tokens ?? null,
      lockMs: this.#settings.lockMs,
    });
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyText(request, MOST_BODY_BYTES);
    const fault = this.faults.shift() ?? null;
    const { status, text } = this.#answerOf(request, body, fault);
    const record = { method: request.method ?? '', path: request.url ?? '', status };
    this.requests.push(record);
    if (this.requests.length > MOST_REQUESTS_KEPT) this.requests.shift();
    if (fault?.kind === 'unanswered') {
      record.status = 0;
      return;
    }
    const type = fault?.kind === 'page' ? 'text/html' : 'application/xml;charset=UTF-8';
    response.writeHead(status, text === '' ? {} : { 'content-type': type });
    response.end(text);
  }

  setState(userId: string, word: string, reasonCodeId: string | undefined): void {
    const user = this.state.user(userId);
    if (user === null) throw new Error(`there is no user ${userId}`);
    const reason = this.state.reasonCodes.find(({ id }) => id === reasonCodeId) ?? null;
    this.state.enter(user, word, reason);
  }

  stop(): void {
    for (const callOff of this.#timers) callOff();
  }

  #answerOf(
    request: IncomingMessage,
    body: string | null,
    fault: FinesseFault | null,
  ): { status: number; text: string } {
    if (fault?.kind === 'page') return { status: 200, text: PAGE };
    try {
      if (fault?.kind === 'status') throw refusalFor(fault);
      if (body === null) throw new FinesseRefusal(413, 'Bad Request', 'TOO_LARGE');
      const { status, document } = this.#answer(request, body);
      const text = document === null ? '' : textOfDocument(document);
      return {
        status,
        text: fault?.kind === 'truncated' ? text.slice(0, Math.ceil(text.length * 0.6)) : text,
      };
    } catch (error) {
      const refusal =
        error instanceof FinesseRefusal
          ? error
          : new FinesseRefusal(500, 'Internal Server Error', String(error));
      return { status: refusal.status, text: errorsDocument(refusal.words) };
    }
  }

  #answer(request: IncomingMessage, body: string): FinesseAnswer {
    const url = new URL(request.url ?? '/', 'https://finesse');
    const path = url.pathname.split('/').filter((part) => part !== '');
    if (path.shift() !== 'finesse' || path.shift() !== 'api') throw new FinesseRefusal(404, 'Not Found');
    const isSystemInfo = path.join('/') === 'SystemInfo' && request.method === 'GET';
    const { systemInfoInFailover, systemInfoNeedsLogin } = this.#settings;
    if (!this.isInService && !(isSystemInfo && systemInfoInFailover === 'answered'))
      throw new FinesseRefusal(503, 'Service Unavailable', 'SERVER_OUT_OF_SERVICE');
    const login = (): ReturnType<FinesseLogins['login']> =>
      this.logins.login(request.headers.authorization ?? '');
    if (isSystemInfo) {
      if (systemInfoNeedsLogin) login();
      return { status: 200, document: this.#systemInfo() };
    }
    return answer({
      method: request.method ?? '',
      path: path.map(decodeURIComponent),
      query: url.searchParams,
      body,
      range: request.headers.range ?? null,
      caller: login(),
      state: this.state,
      calls: this.calls,
      settings: this.#settings,
      newId: this.#newId,
      later: (source, run) => this.#later(source, run),
    });
  }

  #systemInfo(): Shown {
    return systemInfo({
      now: this.#clock.now(),
      deployment: this.#settings.deployment,
      nodes: this.#options.nodes ?? NODES,
      isInService: this.isInService,
      authMode: this.#options.tokens === undefined ? 'NON_SSO' : 'SSO',
    });
  }

  #later(source: string, run: () => ErrorWords | null): void {
    const drop = this.drops.shift();
    const callOff = this.#clock.after(this.#settings.effectDelayMs, () => {
      this.#timers.delete(callOff);
      const words = drop === undefined ? run() : drop;
      const user = this.state.user(/^\/finesse\/api\/User\/([^/]+)$/.exec(source)?.[1] ?? '');
      if (words !== null) this.notifications.push(errorUpdate(words, source));
      else if (drop === undefined && user !== null) this.notifications.push(userUpdate(user, this.state));
    });
    this.#timers.add(callOff);
  }
}

function refusalFor({ status, words }: FinesseFault & { kind: 'status' }): FinesseRefusal {
  const { type, message, data } = words ?? { type: 'Generic Error', message: 'ON_DEMAND', data: null };
  return new FinesseRefusal(status, type, message, data);
}

function textOfDocument(document: Shown): string {
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${write(document)}`;
}
