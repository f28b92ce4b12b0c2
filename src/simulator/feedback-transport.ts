import http from 'node:http';
import https from 'node:https';
import type { Clock } from '../lib/clock.ts';
import type { Counters } from './counters.ts';
import type { DeviceState } from './device-state.ts';
import type { FeedbackSlot } from './feedback-slots.ts';

/** Carries the posts of a device. */
export interface FeedbackTransport {
  /** One attempt; whether the receiver took it. */
  post(slot: FeedbackSlot, body: string, signal: AbortSignal): Promise<boolean>;
  close(): void;
}

interface TransportParts {
  readonly state: DeviceState;
  readonly counters: Counters;
  readonly clock: Clock;
}

/** Posts over HTTP and HTTPS, on connections that are kept, with a device's own headers, time limit and trust. */
export class HttpFeedbackTransport implements FeedbackTransport {
  readonly #parts: TransportParts;
  readonly #agents = {
    http: new http.Agent({ keepAlive: true }),
    https: new https.Agent({ keepAlive: true }),
  };

  constructor(parts: TransportParts) {
    this.#parts = parts;
  }

  post(slot: FeedbackSlot, body: string, signal: AbortSignal): Promise<boolean> {
    const { state, counters, clock } = this.#parts;
    counters.feedbackPosts += 1;
    return new Promise((resolve) => {
      const url = URL.canParse(slot.url) ? new URL(slot.url) : null;
      if (url === null || !['http:', 'https:'].includes(url.protocol)) return resolve(false);
      const isSecure = url.protocol === 'https:';
      const request = (isSecure ? https : http).request(url, {
        method: 'POST',
        agent: isSecure ? this.#agents.https : this.#agents.http,
        signal,
        headers: {
          'user-agent': 'Cisco/CE',
          accept: 'text/*, application/octet-stream, image/*, audio/*',
          'content-type':
            slot.format === 'XML' ? 'text/xml; charset=utf-8' : 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(body),
        },
        ...(isSecure ? this.#trust() : {}),
      });
      const callOff = clock.after(
        state.settings.feedbackTimeoutMs,
        () => request.destroy(new Error('no answer')),
        {
          unref: true,
        },
      );
      const settle = (delivered: boolean | Promise<boolean>): void => {
        callOff();
        resolve(delivered);
      };
      request.on('response', (response) => {
        const status = response.statusCode ?? 0;
        const most = state.settings.feedbackAcceptsRedirect ? 400 : 300;
        response.resume().on('end', () => settle(status >= 200 && status < most));
        response.on('error', () => settle(false));
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        // A kept connection that the receiver closed meanwhile says nothing of the post: it goes out on a new one.
        if (request.reusedSocket && error.code === 'ECONNRESET') settle(this.post(slot, body, signal));
        else settle(false);
      });
      request.end(body);
      return undefined;
    });
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  /** TlsVerify checks against the authorities added to this device and no others. */
  #trust(): { rejectUnauthorized: boolean; ca: string[] } {
    const { state } = this.#parts;
    const verify = state.configuration('HttpFeedback.TlsVerify') !== 'Off';
    return { rejectUnauthorized: verify, ca: [...state.content.certificateAuthorities] };
  }
}
