import type { WebSocket } from 'ws';
import { type AbortOptions, withDeadline } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { isRecord } from './document.ts';
import { XapiError } from './errors.ts';

/** A JSON-RPC answer as it came. */
export interface RawReply {
  readonly result?: unknown;
  readonly error?: { readonly code: unknown; readonly message: unknown; readonly data?: unknown };
}

/** A websocket to a device whose frames are looked at as they come; nobody keeps it alive. */
export class RawSocket {
  readonly #ws: WebSocket;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, (reply: RawReply | Error) => void>();
  #lastId = 0;
  #pings = 0;

  constructor(ws: WebSocket, { clock }: { clock: Clock }) {
    this.#ws = ws;
    this.#clock = clock;
    ws.on('message', (data: Buffer) => this.#hear(data.toString('utf8')));
    ws.on('ping', () => {
      this.#pings += 1;
    });
    ws.on('error', () => undefined);
    ws.on('close', (code) => {
      const over = new XapiError('closed', `the device ended the websocket (close code ${code})`);
      for (const settle of this.#waiting.values()) settle(over);
      this.#waiting.clear();
    });
  }

  /** How often the device has pinged so far. */
  get pings(): number {
    return this.#pings;
  }

  /** @throws XapiError `closed`; DeadlineError */
  ask(
    method: string,
    params: unknown,
    { deadlineMs, signal }: { deadlineMs: number } & AbortOptions,
  ): Promise<RawReply> {
    this.#lastId += 1;
    const id = String(this.#lastId);
    return withDeadline(
      { what: method, afterMs: deadlineMs, clock: this.#clock, signal },
      () =>
        new Promise<RawReply>((resolve, reject) => {
          if (this.#ws.readyState !== this.#ws.OPEN) {
            reject(new XapiError('closed', 'the device ended the websocket'));
            return;
          }
          this.#waiting.set(id, (reply) => (reply instanceof Error ? reject(reply) : resolve(reply)));
          this.#ws.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
        }),
    ).finally(() => this.#waiting.delete(id));
  }

  /** Whether a ping is answered within that time. */
  answersPing(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (answers: boolean): void => {
        cancel();
        this.#ws.off('pong', onPong);
        resolve(answers);
      };
      const onPong = (): void => end(true);
      const cancel = this.#clock.after(withinMs, () => end(false));
      this.#ws.once('pong', onPong);
      this.#ws.ping();
    });
  }

  async close(): Promise<void> {
    if (this.#ws.readyState === this.#ws.CLOSED) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(CLOSE_MS, () => this.#ws.terminate());
      this.#ws.once('close', () => {
        cancel();
        resolve();
      });
      this.#ws.close(1000);
    });
  }

  #hear(text: string): void {
    let frame: unknown;
    try {
      frame = JSON.parse(text);
    } catch {
      return;
    }
    if (!isRecord(frame)) return;
    this.#waiting.get(String(frame['id']))?.(frame);
  }
}

const CLOSE_MS = 2_000;
