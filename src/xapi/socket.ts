import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { type AbortOptions, reasonOf, withDeadline } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import type { Connector } from '../lib/http-connect.ts';
import { originOf } from './address.ts';
import type { DeviceAddress, LoginGate } from './device.ts';
import { XapiError } from './errors.ts';
import { basicAuthorization, loginSubprotocol, mayHaveBeenSent } from './failure.ts';
import { withEachSecret } from './login-choice.ts';
import type { XapiSettings } from './settings.ts';

export type LoginWay = 'subprotocol' | 'basic';

export interface SocketParts {
  readonly connector: Connector;
  readonly gate: LoginGate;
  readonly clock: Clock;
}

/**
 * Opens the device's websocket: TCP and TLS first, then the gate, then the
 * upgrade with the login, so that nothing secret goes to a peer that is not
 * the right one and an unreachable device does not hold up the gate. The gate
 * learns of a refusal here; `accepted` is the caller's to tell, once it listens.
 * @returns the open socket and the address it was logged in with, or null where the device does not take the subprotocol
 * @throws XapiError, HttpClientError, or the signal's reason
 */
export function openWebSocket(options: OpenOptions, parts: SocketParts): Promise<OpenSocket | null> {
  return withEachSecret(options.address, () => openOnce(options, parts));
}

type OpenOptions = { address: DeviceAddress; settings: XapiSettings; way: LoginWay } & AbortOptions;

export interface OpenSocket {
  readonly ws: WebSocket;
  readonly login: DeviceAddress;
}

async function openOnce(
  { address, settings, way, signal }: OpenOptions,
  { connector, gate, clock }: SocketParts,
): Promise<OpenSocket | null> {
  const { host, port } = address;
  const socket = await connector.connect({ host, port, secure: true });
  let login: DeviceAddress;
  try {
    login = await gate.enter(address, { signal });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  const ws = new WebSocket(
    `${originOf(address)}/ws`,
    way === 'subprotocol' ? [loginSubprotocol(login)] : [],
    {
      createConnection: () => socket,
      perMessageDeflate: false,
      maxPayload: settings.maxFrameBytes,
      followRedirects: false,
      // One event a turn: what a reply sets going is done before the next frame is read.
      allowSynchronousEvents: false,
      ...(way === 'basic' ? { headers: { authorization: basicAuthorization(login) } } : {}),
    },
  );
  try {
    // ws has a time-out of its own, which is not heeded on a socket that is connected already.
    await withDeadline(
      {
        what: `the websocket upgrade at ${address.name}`,
        afterMs: settings.handshakeTimeoutMs,
        clock,
        signal,
      },
      (inner) => upgraded(ws, address, inner),
    );
    return { ws, login };
  } catch (error) {
    ws.on('error', () => undefined);
    ws.terminate();
    socket.destroy();
    const refusesWay = way === 'subprotocol' && error instanceof UpgradeError && error.refusesSubprotocol;
    if (error instanceof XapiError && error.code === 'login-refused') await gate.refused(login, error);
    else await gate.abandoned(login, { sent: !(error instanceof UpgradeError) && mayHaveBeenSent(error) });
    if (refusesWay) return null;
    throw error;
  }
}

/** The device answered the upgrade, and not with 101; the password was not judged unless the code says so. */
class UpgradeError extends XapiError {
  refusesSubprotocol = false;
}

function upgraded(ws: WebSocket, address: DeviceAddress, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      signal.removeEventListener('abort', onAbort);
      ws.off('open', onOpen).off('error', onError).off('unexpected-response', onResponse);
    };
    const onAbort = (): void => {
      finish();
      reject(reasonOf(signal));
    };
    const onOpen = (): void => {
      finish();
      resolve();
    };
    const onError = (error: Error): void => {
      finish();
      reject(brokenUpgrade(error, address));
    };
    const onResponse = (_request: unknown, response: IncomingMessage): void => {
      finish();
      response.destroy();
      reject(refusedUpgrade(response, address));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    ws.on('open', onOpen).on('error', onError).on('unexpected-response', onResponse);
  });
}

function brokenUpgrade(error: Error, { name }: DeviceAddress): XapiError {
  if (/subprotocol/i.test(error.message)) {
    const refused = new UpgradeError(
      'rejected',
      `${name} opened the websocket without the login subprotocol`,
    );
    refused.refusesSubprotocol = true;
    return refused;
  }
  return new XapiError('unreachable', `the websocket upgrade at ${name} broke off: ${error.message}`, {
    cause: error,
  });
}

/** 401 and 403 are bad credentials, 502 a codec that boots, 503 its rate limit, all else no websocket (pyxows). */
function refusedUpgrade(response: IncomingMessage, { name }: DeviceAddress): XapiError {
  const status = response.statusCode ?? 0;
  const details = { status };
  const isSignIn = status >= 300 && status < 400 && /signin/i.test(response.headers.location ?? '');
  if (status === 401 || status === 403 || isSignIn)
    return new XapiError('login-refused', `${name} refused the user name or password (HTTP ${status})`, {
      details,
    });
  if (status === 502 || status === 504)
    return new UpgradeError('not-ready', `${name} is starting (HTTP ${status})`, { details });
  if (status === 503)
    return new UpgradeError('busy', `${name} takes no more websocket connections now (HTTP 503)`, {
      details,
    });
  const off = new UpgradeError(
    'websocket-off',
    `${name} does not offer its websocket (HTTP ${status}); NetworkServices.Websocket: FollowHTTPService turns it on`,
    { details },
  );
  off.refusesSubprotocol = status === 400;
  return off;
}
