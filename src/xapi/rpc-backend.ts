import { EventEmitter } from 'node:events';
import type { Backend } from 'jsxapi/lib/backend/index.js';
import type { XapiRequest } from 'jsxapi/lib/xapi/types.js';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { isRecord, textOf } from './document.ts';
import { XapiError } from './errors.ts';
import { Heartbeat } from './heartbeat.ts';
import type { XapiSettings } from './settings.ts';

export interface RpcBackendParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of every frame that is no answer and no feedback. */
  readonly onStray: () => void;
}

/**
 * jsxapi's backend on our own socket. It gives jsxapi only what jsxapi can
 * digest: feedback with an object in it, and one answer for each request that
 * it made. Every request is answered: by the device, by its deadline, or by
 * the end of the socket, and its error is an `XapiError` where it is ours.
 */
export class RpcBackend extends EventEmitter implements Backend {
  /** Resolves when the socket has ended, with why; null where we ended it. */
  readonly closed: Promise<XapiError | null>;
  readonly #settings: XapiSettings;
  readonly #parts: RpcBackendParts;
  readonly #ws: WebSocket;
  readonly #pending = new Map<string, () => void>();
  readonly #heartbeat: Heartbeat;
  #ended: XapiError | null = null;
  #isOurs = false;
  #why: XapiError | null = null;
  #strays = 0;
  #probes = 0;

  /** Listens from the first; the socket is open. */
  constructor(options: { ws: WebSocket; settings: XapiSettings }, parts: RpcBackendParts) {
    super();
    this.#settings = options.settings;
    this.#parts = parts;
    this.#ws = options.ws;
    this.#heartbeat = this.#newHeartbeat();
    this.closed = new Promise((resolve) => {
      this.#ws.once('close', (code: number) => resolve(this.#onClose(code)));
    });
    this.#ws
      .on('message', (data: RawData, isBinary: boolean) => this.#onMessage(data, isBinary))
      .on('pong', () => this.#heartbeat.heard())
      .on('ping', () => this.#heartbeat.heard())
      .on('error', (error: Error) => this.#onError(error));
    this.#heartbeat.start();
  }

  // The promise is never awaited by jsxapi, and an answer given at once would come before jsxapi expects it.
  execute(request: XapiRequest): Promise<void> {
    const id = request.id ?? '';
    const isCommand = request.method.startsWith('xCommand');
    const deadlineMs = isCommand ? this.#settings.commandDeadlineMs : this.#settings.readDeadlineMs;
    const cancel = this.#parts.clock.after(deadlineMs, () =>
      this.#settle(id, {
        error: new XapiError('deadline', `${request.method} was not answered within ${deadlineMs / 1000} s`),
      }),
    );
    this.#pending.set(id, cancel);
    if (this.#ended !== null) {
      const error = this.#ended;
      queueMicrotask(() => this.#settle(id, { error }));
    } else {
      this.#ws.send(JSON.stringify(request));
    }
    return Promise.resolve();
  }

  /** Ends the socket; a peer that does not answer the close is cut off. */
  close(): void {
    if (this.#ended !== null || this.#isOurs) return;
    this.#isOurs = true;
    this.#ws.close(1000);
    const cancel = this.#parts.clock.after(1_000, () => this.#ws.terminate());
    void this.closed.then(cancel);
  }

  #newHeartbeat(): Heartbeat {
    const { heartbeatMs, heartbeatDeadlineMs } = this.#settings;
    const peer = {
      ping: (): void => this.#ws.ping(),
      read: (): void => {
        this.#probes += 1;
        const id = `${PROBE}${this.#probes}`;
        this.#ws.send(
          JSON.stringify({
            jsonrpc: '2.0',
            id,
            method: 'xGet',
            params: { Path: ['Status', 'SystemUnit', 'Uptime'] },
          }),
        );
      },
      dead: (): void => {
        this.#why = new XapiError(
          'closed',
          'the session was cut: the device answers neither pings nor reads',
        );
        this.#ws.terminate();
      },
    };
    return new Heartbeat(
      { intervalMs: heartbeatMs, deadlineMs: heartbeatDeadlineMs },
      { clock: this.#parts.clock, peer },
    );
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    this.#heartbeat.heard();
    const message = isBinary ? null : readJson(data);
    if (!isRecord(message)) {
      this.#stray('unreadable');
      return;
    }
    if (message['method'] === 'xFeedback/Event') {
      if (isRecord(message['params'])) this.#give({ method: 'xFeedback/Event', params: message['params'] });
      else this.#stray('feedback without content');
      return;
    }
    const id = textOf(message['id']);
    if (id !== null && id.startsWith(PROBE)) return;
    if (id === null || !this.#pending.has(id)) this.#stray('not an answer to any request');
    else if ('result' in message) this.#settle(id, { result: message['result'] });
    else this.#settle(id, { error: message['error'] ?? null });
  }

  #settle(id: string, outcome: { result: unknown } | { error: unknown }): void {
    const cancel = this.#pending.get(id);
    if (cancel === undefined) return;
    this.#pending.delete(id);
    cancel();
    this.#give({ id, ...outcome });
  }

  #give(message: Readonly<Record<string, unknown>>): void {
    this.emit('data', message);
  }

  #stray(kind: string): void {
    this.#strays += 1;
    this.#parts.onStray();
    if (this.#strays === 1)
      this.#parts.logger.warn(
        { kind },
        'device sent a frame that cannot be used; further ones are only counted',
      );
  }

  #onError(error: Error): void {
    const code = 'code' in error ? String(error.code) : '';
    this.#why ??=
      code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
        ? new XapiError(
            'too-large',
            `the device sent a frame of more than ${this.#settings.maxFrameBytes} bytes`,
          )
        : new XapiError('closed', `the session broke: ${error.message}`, { details: { code } });
  }

  #onClose(code: number): XapiError | null {
    this.#heartbeat.stop();
    const why = this.#why ?? new XapiError('closed', `the device ended the session (close code ${code})`);
    this.#ended = this.#isOurs ? new XapiError('closed', 'the session was ended by roomd') : why;
    const error = this.#ended;
    for (const id of this.#pending.keys()) this.#settle(id, { error });
    this.emit('close');
    return this.#isOurs ? null : why;
  }
}

/** Ids of our own reads, which jsxapi, whose ids are numbers, does not know of. */
const PROBE = 'alive-';

function readJson(data: RawData): unknown {
  try {
    const text = Array.isArray(data)
      ? Buffer.concat(data).toString('utf8')
      : Buffer.from(data as Buffer).toString('utf8');
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
