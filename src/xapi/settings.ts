import type { BackoffOptions } from '../lib/backoff.ts';

/** Every time and limit of the transports. Milliseconds and bytes. */
export interface XapiSettings {
  /** Setting up a TCP and TLS connection. */
  readonly connectTimeoutMs: number;
  /** One read or write of the XML API, from sending to the last byte; waiting out 503 included. */
  readonly requestDeadlineMs: number;
  /** A whole document such as /configuration.xml. */
  readonly documentDeadlineMs: number;
  /** One command, over either transport. */
  readonly commandDeadlineMs: number;
  /** One read over a session. */
  readonly readDeadlineMs: number;
  /** The websocket upgrade, once the connection stands. */
  readonly handshakeTimeoutMs: number;
  /** Reads that take longer, some in a row, make a session count as slow. */
  readonly slowAnswerMs: number;
  /** How long a session may be silent before it is probed. */
  readonly heartbeatMs: number;
  /** How long a probe may go unanswered. A half-open peer is noticed within heartbeatMs + 2 × this. */
  readonly heartbeatDeadlineMs: number;
  readonly maxAnswerBytes: number;
  readonly maxFrameBytes: number;
  /** HTTPS connections to one device. */
  readonly connectionsPerDevice: number;
  /** An xmlapi session without work is ended after this. */
  readonly webSessionIdleMs: number;
  /** Requests a second that a device takes: Basic authentication, session cookie. */
  readonly basicRate: number;
  readonly sessionRate: number;
  /** The wait after a 503 before the request is made again. */
  readonly busyBackoff: BackoffOptions;
  /** The wait before the next connection attempt of a keeper. */
  readonly reconnectBackoff: BackoffOptions;
  /** How often a device without websocket is read. */
  readonly pollMs: number;
  /** How often a device without websocket is asked whether it has one now. */
  readonly websocketRetryMs: number;
  /** Session set-ups under way at once, fleet-wide. */
  readonly maxHandshakes: number;
  /** XML API requests under way at once, fleet-wide. */
  readonly maxExchanges: number;
  /** How a session logs in: `auto` offers the subprotocol and turns to Basic where the device does not take it. */
  readonly websocketLogin: 'auto' | 'subprotocol' | 'basic';
}

export const DEFAULT_XAPI_SETTINGS: XapiSettings = {
  connectTimeoutMs: 10_000,
  requestDeadlineMs: 15_000,
  documentDeadlineMs: 30_000,
  commandDeadlineMs: 30_000,
  readDeadlineMs: 15_000,
  handshakeTimeoutMs: 10_000,
  slowAnswerMs: 5_000,
  heartbeatMs: 10_000,
  heartbeatDeadlineMs: 5_000,
  maxAnswerBytes: 16_000_000,
  maxFrameBytes: 8_000_000,
  connectionsPerDevice: 2,
  webSessionIdleMs: 10_000,
  basicRate: 1,
  sessionRate: 15,
  busyBackoff: { firstMs: 500, mostMs: 4_000 },
  reconnectBackoff: { firstMs: 1_000, mostMs: 60_000 },
  pollMs: 60_000,
  websocketRetryMs: 300_000,
  maxHandshakes: 32,
  maxExchanges: 64,
  websocketLogin: 'auto',
};
