import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { sleep } from '../../lib/abort.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { type NewId, uuidv7 } from '../../lib/random.ts';
import { newKeyPair, selfSign } from '../certificate.ts';
import { readXml, type XmlElement } from '../xml-reader.ts';
import { answerAxl, child, localName } from './cucm-axl.ts';
import { answerRis } from './cucm-ris.ts';
import { type CucmAnswer, CucmFault, faultAnswer, pageAnswer } from './cucm-soap.ts';
import { CucmState, type StandInPhone } from './cucm-state.ts';

export interface CucmStandInOptions {
  /** 0 (the default) takes a free port; Unified CM itself listens on 8443. */
  readonly port?: number;
  readonly username: string;
  readonly password: string;
  readonly phones: readonly StandInPhone[];
  readonly clock?: Clock;
  readonly newId?: NewId;
  readonly settings?: Partial<CucmSettings>;
}

/** What the facts leave open, or what an administrator can set. */
export interface CucmSettings {
  /** Rows of one answer of AXL; what is asked beyond is refused as too large. Real ones count bytes: 8 MB. */
  readonly mostRows: number;
  /** Requests to RISPort70 in a minute; 15, settable to 18. */
  readonly risPerMinute: number;
  /** Devices of one answer of RISPort70. */
  readonly risMostDevices: number;
  /** Versions of AXL that are spoken; another is answered with 599, as is reported. */
  readonly versions: readonly string[];
}

const SETTINGS: CucmSettings = {
  mostRows: 10_000,
  risPerMinute: 15,
  risMostDevices: 2000,
  versions: ['11.0', '11.5', '12.0', '12.5', '14.0', '15.0'],
};

/**
 * What goes wrong instead of an answer: `memory` and `rate` are the two ways to
 * be throttled, `short-page` answers half of the rows asked for, `cut` half of
 * a document, `slow` waits for `delayMs` first.
 */
export interface CucmTrouble {
  readonly kind:
    | 'memory'
    | 'rate'
    | 'unauthorized'
    | 'forbidden'
    | 'unavailable'
    | 'short-page'
    | 'cut'
    | 'drop'
    | 'slow';
  /** Only requests for this operation, `listPhone`; every request where nothing is given. */
  readonly operation?: string;
  /** So many such requests go well first. */
  readonly after?: number;
  readonly times: number;
  readonly delayMs?: number;
}

export interface CucmStandIn {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** Its self-signed certificate. */
  readonly certificate: string;
  readonly fingerprint256: string;
  readonly state: CucmState;
  /** Every request, oldest first, and what it was answered. */
  readonly requests: () => readonly { readonly operation: string; readonly status: number }[];
  readonly trouble: (trouble: CucmTrouble) => void;
  readonly endTrouble: () => void;
  readonly stop: () => Promise<void>;
}

const MOST_BODY_BYTES = 4_000_000;

/** Stands in for one node of Unified CM on 127.0.0.1: AXL and RISPort70 over TLS, as cloud facts 4.1 and 4.2 tell. */
export async function startCucmStandIn(options: CucmStandInOptions): Promise<CucmStandIn> {
  const clock = options.clock ?? systemClock();
  const { pem, keyPem, fingerprint256 } = selfSign(newKeyPair(), {
    commonName: 'cucm-pub',
    now: clock.now(),
  });
  const newId = options.newId ?? uuidv7(clock);
  const state = new CucmState({ queueId: '093249823498', phones: options.phones });
  const node = new CucmNode(options, { clock, newId, state });
  const server = createServer(
    { key: keyPem, cert: pem },
    (request, response) => void node.handle(request, response),
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  return {
    url: `https://127.0.0.1:${port}`,
    certificate: pem,
    fingerprint256,
    state,
    requests: () => [...node.requests],
    trouble: (trouble) => void node.troubles.push({ ...trouble, after: trouble.after ?? 0 }),
    endTrouble: () => void node.troubles.splice(0),
    stop: () => {
      node.stopping.abort();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

class CucmNode {
  readonly requests: { operation: string; status: number }[] = [];
  readonly troubles: (Omit<CucmTrouble, 'after' | 'times'> & { after: number; times: number })[] = [];
  readonly stopping = new AbortController();
  readonly #options: CucmStandInOptions;
  readonly #settings: CucmSettings;
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #state: CucmState;
  #risTimes: number[] = [];

  constructor(
    options: CucmStandInOptions,
    { clock, newId, state }: { clock: Clock; newId: NewId; state: CucmState },
  ) {
    this.#options = options;
    this.#settings = { ...SETTINGS, ...options.settings };
    this.#clock = clock;
    this.#newId = newId;
    this.#state = state;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = operationOf(request);
    const trouble = this.#nextTrouble(operation);
    try {
      const body = await bodyOf(request);
      if (trouble?.kind === 'slow') await sleep(trouble.delayMs ?? 0, this.#clock, this.stopping);
      if (trouble?.kind === 'drop') {
        this.requests.push({ operation, status: 0 });
        request.socket.destroy();
        return;
      }
      const answer = this.#answer(request, { body, operation, trouble: trouble?.kind ?? null });
      this.requests.push({ operation, status: answer.status });
      response.writeHead(answer.status, { 'content-type': answer.contentType });
      response.end(trouble?.kind === 'cut' ? answer.body.slice(0, answer.body.length / 2) : answer.body);
    } catch {
      response.destroy();
    }
  }

  #answer(
    request: IncomingMessage,
    how: { body: string; operation: string; trouble: CucmTrouble['kind'] | null },
  ): CucmAnswer {
    const { trouble } = how;
    if (trouble === 'unauthorized' || !this.#knows(request)) return pageAnswer(401, 'Unauthorized');
    if (trouble === 'forbidden') return pageAnswer(403, 'Access to the requested resource has been denied');
    if (trouble === 'unavailable') return pageAnswer(503, 'Service Unavailable');
    try {
      return this.#serve(request, how);
    } catch (error) {
      return faultAnswer(error instanceof CucmFault ? error : new CucmFault(messageOf(error)));
    }
  }

  #serve(
    request: IncomingMessage,
    { body, operation, trouble }: { body: string; operation: string; trouble: CucmTrouble['kind'] | null },
  ): CucmAnswer {
    const path = request.url ?? '/';
    const isPost = request.method === 'POST';
    if (path === '/axl/' && !isPost) return pageAnswer(200, 'Cisco CallManager: AXL Web Service');
    if (path === '/axl/' && trouble === 'memory') throw memoryFault(operation);
    if (path === '/axl/') return this.#axl(body, { operation, isCut: trouble === 'short-page' });
    if (path !== '/realtimeservice2/services/RISService70' || !isPost) return pageAnswer(404, 'Not Found');
    if (trouble === 'rate' || !this.#isWithinRate()) throw this.#rateFault();
    const { risMostDevices } = this.#settings;
    return answerRis({ request: questionOf(body), state: this.#state, mostDevices: risMostDevices });
  }

  #axl(body: string, { operation, isCut }: { operation: string; isCut: boolean }): CucmAnswer {
    const request = questionOf(body);
    const version = /http:\/\/www\.cisco\.com\/AXL\/API\/([\d.]+)/.exec(body)?.[1] ?? '';
    const { versions, mostRows } = this.#settings;
    if (!versions.includes(version)) return pageAnswer(599, 'Unsupported AXL version');
    // Chosen: SOAPAction and body have to name the same operation.
    if (localName(request.name) !== operation) throw new CucmFault(`The operation is not ${operation}`);
    const newUuid = this.#newId;
    return answerAxl({ operation, version, request, state: this.#state, mostRows, isCut, newUuid });
  }

  #knows({ headers }: IncomingMessage): boolean {
    const { username, password } = this.#options;
    return headers.authorization === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  #isWithinRate(): boolean {
    const now = this.#clock.monotonic();
    this.#risTimes = this.#risTimes.filter((at) => at > now - 60_000);
    if (this.#risTimes.length >= this.#settings.risPerMinute) return false;
    this.#risTimes.push(now);
    return true;
  }

  #rateFault(): CucmFault {
    const { risPerMinute } = this.#settings;
    return new CucmFault(
      `AxisFault: Exceeded allowed rate for Reatime information. Current allowed rate for realtime information is ${risPerMinute} requests per minute.`,
      { faultCode: 'ns1:Server.RateControl' },
    );
  }

  #nextTrouble(operation: string): CucmTrouble | null {
    const trouble = this.troubles.find((one) => one.operation === undefined || one.operation === operation);
    if (trouble === undefined) return null;
    if (trouble.after > 0) {
      trouble.after -= 1;
      return null;
    }
    trouble.times -= 1;
    if (trouble.times <= 0) this.troubles.splice(this.troubles.indexOf(trouble), 1);
    return trouble;
  }
}

function memoryFault(request: string): CucmFault {
  return new CucmFault(
    'Maximum AXL Memory Allocation Consumed. Please retry once requests in progress have completed',
    { axl: { code: '-1', request } },
  );
}

/** `"CUCM:DB ver=14.0 listPhone"` and `…#RisPort#SelectCmDeviceExt`. */
function operationOf({ headers, method, url }: IncomingMessage): string {
  const action = String(headers['soapaction'] ?? '').replaceAll('"', '');
  const name = action.split(/[ #]/).at(-1) ?? '';
  if (name === '') return `${method ?? ''} ${url ?? ''}`;
  return name === 'SelectCmDeviceExt' ? 'selectCmDeviceExt' : name;
}

function questionOf(body: string): XmlElement {
  const soap = child(readXml(body), 'Body');
  const [question] = soap?.children ?? [];
  if (question === undefined) throw new CucmFault('The body is empty');
  return question;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BODY_BYTES) throw new RangeError('the body is too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}
