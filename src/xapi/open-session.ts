import type { Clock } from '../lib/clock.ts';
import type { Connector } from '../lib/http-connect.ts';
import type { Logger } from '../lib/logger.ts';
import type { Delta, DeviceAddress, LoginGate } from './device.ts';
import { XapiError } from './errors.ts';
import { Session } from './session.ts';
import type { XapiSettings } from './settings.ts';
import { type LoginWay, openWebSocket } from './socket.ts';

export interface SessionOpenerParts {
  readonly gate: LoginGate;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onStray: () => void;
}

export interface SessionEars {
  readonly onDelta: (delta: Delta) => void;
  readonly onRead: (tookMs: number) => void;
}

/** Opens sessions to one device, and remembers in which way it takes the login. */
export class SessionOpener {
  readonly #settings: XapiSettings;
  readonly #parts: SessionOpenerParts;
  #way: LoginWay;

  constructor(settings: XapiSettings, parts: SessionOpenerParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#way = settings.websocketLogin === 'basic' ? 'basic' : 'subprotocol';
  }

  /** @throws XapiError, HttpClientError, or the signal's reason */
  async open(
    address: DeviceAddress,
    ears: SessionEars,
    { connector, signal }: { connector: Connector; signal: AbortSignal },
  ): Promise<Session> {
    signal.throwIfAborted();
    const settings = this.#settings;
    const { gate, clock } = this.#parts;
    const parts = { connector, gate, clock };
    let opened = await openWebSocket({ address, settings, way: this.#way, signal }, parts);
    if (opened === null && settings.websocketLogin === 'auto') {
      this.#way = 'basic';
      opened = await openWebSocket({ address, settings, way: 'basic', signal }, parts);
    }
    if (opened === null)
      throw new XapiError('rejected', `${address.name} does not take the login as a websocket subprotocol`);
    const { ws, login } = opened;
    const session = new Session({ ws, settings }, { ...this.#parts, ...ears });
    try {
      await gate.accepted(login);
    } catch (error) {
      session.close();
      throw error;
    }
    return session;
  }
}
