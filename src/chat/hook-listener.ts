import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { announcedLength, readBody } from '../feedback/post-body.ts';
import { readWebhookPost, type WebhookPost } from '../integrations/webex-messaging/incoming.ts';
import type { Clock } from '../lib/clock.ts';
import { closeServer } from '../lib/close-server.ts';
import type { Secret } from '../lib/secret.ts';
import { HOOK_PATH } from './hooks.ts';

interface Parts {
  /** What Webex signed; it is answered before anything is made of it. */
  readonly onPost: (post: WebhookPost) => void;
  /** Somebody posted what Webex did not sign; from which address. */
  readonly onForged: (from: string) => void;
  readonly clock: Clock;
}

/** Posts hold ids and no words. */
const MOST_BYTES = 64 * 1024;
const REQUEST_MS = 10_000;
const DRAIN_MS = 3_000;

/** Takes the posts of Webex at `/webex`, also below a path that a proxy keeps. Others are told 404, and 401 where the signature is not ours. */
export class HookListener {
  readonly #options: { readonly host: string; readonly port: number; readonly secret: Secret };
  readonly #parts: Parts;
  #server: Server | null = null;

  constructor(
    options: { readonly host: string; readonly port: number; readonly secret: Secret },
    parts: Parts,
  ) {
    this.#options = options;
    this.#parts = parts;
  }

  /** @throws Error where the address cannot be listened on */
  async start(): Promise<void> {
    const server = createServer(
      { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, maxHeaderSize: 8 * 1024 },
      (request, response) => {
        this.#answer(request, response).catch(() => response.destroy());
      },
    );
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: host.replaceAll(/[[\]]/g, '') }, resolve);
    });
    this.#server = server;
  }

  /** Null while it does not listen. */
  address(): AddressInfo | null {
    const address = this.#server?.address() ?? null;
    return typeof address === 'string' ? null : address;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server !== null) await closeServer(server, { clock: this.#parts.clock, drainMs: DRAIN_MS });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const status = await this.#statusOf(request);
    response.writeHead(status, { 'content-length': 0, ...(status === 200 ? {} : { connection: 'close' }) });
    response.end();
  }

  async #statusOf(request: IncomingMessage): Promise<number> {
    const [path = ''] = (request.url ?? '').split('?', 1);
    if (request.method !== 'POST' || !path.endsWith(HOOK_PATH)) return 404;
    if ((announcedLength(request) ?? 0) > MOST_BYTES) return 413;
    const body = await readBody(request, MOST_BYTES);
    const signature = request.headers['x-spark-signature']?.toString();
    const post = readWebhookPost(body, { signature, secret: this.#options.secret });
    if (post === null) {
      this.#parts.onForged(request.socket.remoteAddress ?? 'unknown');
      return 401;
    }
    this.#parts.onPost(post);
    return 200;
  }
}
