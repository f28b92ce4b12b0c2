import type { X509Certificate } from 'node:crypto';
import { lookup as lookupAll } from 'node:dns';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { Clock } from './clock.ts';
import { RoomdError } from './errors.ts';

/**
 * | code | meaning | retryable |
 * |---|---|---|
 * | unreachable | no connection, or it broke: name, route, refused, reset; `details.sent` is false where nothing was sent | yes |
 * | deadline | no complete answer in time | yes |
 * | tls | the handshake failed, or no trusted authority vouches for the certificate | no |
 * | certificate-changed | the certificate is not the pinned one; nothing was sent | no |
 * | too-large | the answer is larger than the cap | no |
 * | aborted | the caller's signal or `close` ended it; the reason is the cause | no |
 */
export type HttpClientErrorCode =
  | 'unreachable'
  | 'deadline'
  | 'tls'
  | 'certificate-changed'
  | 'too-large'
  | 'aborted';

export class HttpClientError extends RoomdError<HttpClientErrorCode> {
  constructor(
    code: HttpClientErrorCode,
    message: string,
    options: { details?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(code, message, { ...options, retryable: code === 'unreachable' || code === 'deadline' });
  }
}

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
 * never resumed, because a resumed one shows no certificate.
 */
export function createConnector(options: {
  trust: TlsTrust;
  /** Why no connection may be made to an address; asked of each that a name stands for. */
  refuses?: (address: string) => Error | null;
  connectTimeoutMs: number;
  clock: Clock;
}): Connector {
  const { trust, refuses, connectTimeoutMs, clock } = options;
  const connecting = new Set<Socket>();
  const pin = { met: null as string | null };
  let isClosed = false;
  return {
    async connect(target) {
      if (isClosed) throw new HttpClientError('aborted', CLOSED);
      const where = `${target.host}:${target.port}`;
      const options = { ...tcpOptions(target), ...guarded(target.host, refuses) };
      const socket = target.secure ? openTls(options, trust) : connectTcp(options);
      connecting.add(socket);
      const cancel = clock.after(connectTimeoutMs, () => socket.destroy(tooLong(where, connectTimeoutMs)));
      try {
        await ready(socket, target.secure ? 'secureConnect' : 'connect');
        const refusal = target.secure ? judge(socket as TLSSocket, trust, pin, where) : null;
        if (refusal === null) {
          if (target.secure) tellOf(socket as TLSSocket, trust);
          return socket;
        }
        socket.destroy();
        throw refusal;
      } catch (error) {
        throw connectionError(error, where, { sent: false });
      } finally {
        cancel();
        connecting.delete(socket);
      }
    },
    close() {
      isClosed = true;
      for (const socket of connecting) socket.destroy(new HttpClientError('aborted', CLOSED));
    },
  };
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

/** What a failed connection or a broken exchange means, as one of our errors. */
export function connectionError(
  thrown: unknown,
  where: string,
  known: { readonly sent?: false } = {},
): HttpClientError {
  if (thrown instanceof HttpClientError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = 'code' in error ? String(error.code) : '';
  if (isTlsCode(code))
    return new HttpClientError('tls', `the TLS handshake with ${where} failed (${code}): ${error.message}`, {
      details: { code, ...known },
      cause: error,
    });
  return new HttpClientError('unreachable', `no answer from ${where}: ${REASONS[code] ?? error.message}`, {
    details: { code, ...known },
    cause: error,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused (nothing listens there)',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to its network',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ETIMEDOUT: 'it did not answer',
  EPIPE: 'the connection was closed while sending',
  UND_ERR_SOCKET: 'the connection was closed before the whole answer came',
};

/** OpenSSL's verification results have no common prefix in Node, hence the list of their beginnings. */
function isTlsCode(code: string): boolean {
  return (
    code === 'EPROTO' ||
    /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|CRL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|INVALID_|HOSTNAME_MISMATCH|ERROR_IN_CERT|PATH_LENGTH)/.test(
      code,
    )
  );
}

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

function openTls(options: TcpOptions, trust: TlsTrust): TLSSocket {
  const { host } = options;
  return connectTls({
    ...options,
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
