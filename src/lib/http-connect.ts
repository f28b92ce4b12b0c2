import type { X509Certificate } from 'node:crypto';
import { lookup as lookupAll } from 'node:dns';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { Clock } from './clock.ts';
import { connectionError, HttpClientError } from './http-errors.ts';
import { openTunnel } from './http-proxy.ts';

/**
 * Whom a connection trusts. `ca`: the given PEM bundle, or the system's roots.
 * `pin`: exactly the certificate with this SHA-256 fingerprint (upper-case hex
 * with colons); null takes the one met first, tells it once and holds to it.
 * `fingerprint256` is read at every connection, so it may be a getter over
 * state that several clients share. `onShown` is told of the certificate of
 * every connection that is taken.
 */
export type TlsTrust = (
  | { readonly mode: 'ca'; readonly ca?: string }
  | {
      readonly mode: 'pin';
      readonly fingerprint256: string | null;
      readonly onFirstContact?: (fingerprint256: string) => void;
    }
  | { readonly mode: 'insecure' }
) & { readonly onShown?: (certificate: X509Certificate) => void };

export interface Connector {
  /** A connected socket; with TLS, one whose peer is the trusted one: nothing has been written to it. */
  connect(target: { host: string; port: number; secure: boolean }): Promise<Socket>;
  /** Destroys what is still connecting; a socket already handed out belongs to its taker. */
  close(): void;
}

/**
 * Opens sockets under one trust. The certificate is compared before the socket
 * is handed out, so no credential ever reaches a wrong peer. TLS sessions are
 * never resumed, because a resumed one shows no certificate. With `proxy`
 * (`http://HOST:PORT`) every socket goes there, whatever the target: one with
 * TLS through a tunnel, one without is the proxy's own.
 */
export function createConnector(options: {
  trust: TlsTrust;
  /** Why no connection may be made to an address; asked of each that a name stands for. */
  refuses?: (address: string) => Error | null;
  connectTimeoutMs: number;
  clock: Clock;
  proxy?: string;
}): Connector {
  const { trust, refuses, connectTimeoutMs, clock } = options;
  const proxy = options.proxy === undefined ? null : proxyAddress(options.proxy);
  const connecting = new Set<Socket>();
  const pin = { met: null as string | null };
  let isClosed = false;
  return {
    async connect(target) {
      if (isClosed) throw new HttpClientError('aborted', CLOSED);
      const where = `${target.host}:${target.port}`;
      const opened: Socket[] = [];
      const hold: Hold = (socket) => {
        connecting.add(socket);
        opened.unshift(socket);
        return socket;
      };
      const end = (error: Error): void => {
        for (const socket of opened) socket.destroy(error);
      };
      const cancel = clock.after(connectTimeoutMs, () => end(tooLong(where, connectTimeoutMs)));
      try {
        return await open(target, { trust, refuses, pin, proxy, where }, hold);
      } catch (error) {
        const failure = connectionError(error, where, { sent: false });
        end(failure);
        throw failure;
      } finally {
        cancel();
        for (const socket of opened) connecting.delete(socket);
      }
    },
    close() {
      isClosed = true;
      for (const socket of connecting) socket.destroy(new HttpClientError('aborted', CLOSED));
    },
  };
}

/** Notes a socket, so that it ends with the attempt that it belongs to. */
type Hold = <Held extends Socket>(socket: Held) => Held;

async function open(
  target: { host: string; port: number; secure: boolean },
  {
    trust,
    refuses,
    pin,
    proxy,
    where,
  }: {
    trust: TlsTrust;
    refuses: ((address: string) => Error | null) | undefined;
    pin: { met: string | null };
    proxy: ProxyAddress | null;
    where: string;
  },
  hold: Hold,
): Promise<Socket> {
  const options = { ...tcpOptions(target), ...guarded(target.host, refuses) };
  const carrier = proxy === null ? null : await reachProxy(proxy, target, hold);
  if (!target.secure) {
    if (carrier !== null) return carrier;
    const plain = hold(connectTcp(options));
    await ready(plain, 'connect');
    return plain;
  }
  const socket = hold(openTls(options, trust, carrier));
  await ready(socket, 'secureConnect');
  const refusal = judge(socket, trust, pin, where);
  if (refusal !== null) throw refusal;
  tellOf(socket, trust);
  return socket;
}

interface ProxyAddress {
  readonly host: string;
  readonly port: number;
}

function proxyAddress(proxy: string): ProxyAddress {
  const { hostname, port } = new URL(proxy);
  return { host: hostname, port: Number(port) || 80 };
}

/** A socket to the proxy; for a target with TLS, one that the proxy has connected with it. */
async function reachProxy(
  proxy: ProxyAddress,
  target: { host: string; port: number; secure: boolean },
  hold: Hold,
): Promise<Socket> {
  const named = `${proxy.host}:${proxy.port}`;
  const socket = hold(connectTcp(tcpOptions(proxy)));
  try {
    await ready(socket, 'connect');
    if (target.secure) await openTunnel(socket, `${target.host}:${target.port}`, named);
    return socket;
  } catch (error) {
    throw connectionError(error, `the proxy ${named}`, { sent: false });
  }
}

function ready(socket: Socket, event: 'secureConnect' | 'connect'): Promise<void> {
  // Stays on: an error between here and the taker's own listener must not end the process.
  socket.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    const onReady = (): void => {
      socket.off('error', onError).off('close', onClose);
      resolve();
    };
    const onError = (error: Error): void => reject(error);
    const onClose = (): void => reject(new Error('the connection was closed while it was being set up'));
    socket.once(event, onReady).once('error', onError).once('close', onClose);
  });
}

function tooLong(where: string, connectTimeoutMs: number): HttpClientError {
  return new HttpClientError(
    'unreachable',
    `${where} did not take a connection within ${connectTimeoutMs / 1000} s`,
    { details: { sent: false } },
  );
}

const CLOSED = 'the client was closed';

/** `autoSelectFamily` stays at Node's default; it tries IPv6 and IPv4 in turn. */
interface TcpOptions {
  readonly host: string;
  readonly port: number;
  readonly lookup?: LookupFunction;
}

function tcpOptions({ host, port }: { host: string; port: number }): TcpOptions {
  return { host: host.replace(/^\[|\]$/g, ''), port };
}

/**
 * A lookup that refuses a name that stands for a refused address, among others
 * or alone; a host that is an address itself is not looked up, hence judged at once.
 */
function guarded(
  host: string,
  refuses: ((address: string) => Error | null) | undefined,
): { lookup?: LookupFunction } {
  if (refuses === undefined) return {};
  const plain = host.replace(/^\[|\]$/g, '');
  const refusal = isIP(plain) === 0 ? null : refuses(plain);
  if (refusal !== null) throw connectionError(refusal, host, { sent: false });
  return {
    lookup: (name, options, callback) => {
      lookupAll(name, { ...options, all: true }, (error, addresses) => {
        const [first] = addresses ?? [];
        const refused = (addresses ?? []).map(({ address }) => refuses(address)).find((one) => one !== null);
        if (error !== null || refused !== undefined || first === undefined)
          callback(error ?? refused ?? new Error(`${name} has no address`), []);
        else if (options.all === true) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
    },
  };
}

/** `carrier`: a socket that a proxy has connected with the target. */
function openTls(options: TcpOptions, trust: TlsTrust, carrier: Socket | null): TLSSocket {
  const { host } = options;
  return connectTls({
    ...options,
    ...(carrier === null ? {} : { socket: carrier }),
    rejectUnauthorized: trust.mode === 'ca',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    secureContext: contextFor(trust.mode === 'ca' ? (trust.ca ?? SYSTEM_ROOTS) : SYSTEM_ROOTS),
  });
}

/** Only for who asks: reading a certificate costs more than its fingerprint. */
function tellOf(socket: TLSSocket, { onShown }: TlsTrust): void {
  const shown = onShown === undefined ? undefined : socket.getPeerX509Certificate();
  if (shown !== undefined) onShown?.(shown);
}

const SYSTEM_ROOTS = '';
const contexts = new Map<string, SecureContext>();
const MOST_CONTEXTS = 50;

/** One for all connections that trust the same authorities: to make it costs more than all else of a connection but the handshake. */
function contextFor(ca: string): SecureContext {
  const known = contexts.get(ca);
  if (known !== undefined) return known;
  const made = createSecureContext(ca === SYSTEM_ROOTS ? {} : { ca });
  if (contexts.size >= MOST_CONTEXTS) contexts.clear();
  contexts.set(ca, made);
  return made;
}

function judge(
  socket: TLSSocket,
  trust: TlsTrust,
  pin: { met: string | null },
  where: string,
): HttpClientError | null {
  if (trust.mode !== 'pin') return null;
  const shown: string | undefined = socket.getPeerCertificate().fingerprint256;
  if (shown === undefined || shown === '')
    return new HttpClientError(
      'tls',
      `${where} showed no certificate, so it cannot be compared with the pinned one`,
    );
  const pinned = trust.fingerprint256 ?? pin.met;
  if (pinned === null) {
    pin.met = shown;
    trust.onFirstContact?.(shown);
    return null;
  }
  if (pinned.toUpperCase() === shown) return null;
  return new HttpClientError(
    'certificate-changed',
    `${where} shows a certificate with the fingerprint ${shown}, not the pinned ${pinned}; nothing was sent`,
    { details: { shown, pinned } },
  );
}
