import type { KeyObject, X509Certificate } from 'node:crypto';
import type { AbortOptions } from './abort.ts';
import type { Clock } from './clock.ts';
import { createConnector } from './http-connect.ts';
import { HttpClientError } from './http-errors.ts';

/** What people compare of a certificate. Times are UTC milliseconds. */
export interface CertificateFacts {
  /** SHA-256, upper-case hex with colons. */
  readonly fingerprint256: string;
  /** Distinguished names in one line, `O=Example, CN=boardroom-1`. */
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: number;
  readonly validTo: number;
  /** `RSA 2048 bits`, `EC P-256`. */
  readonly key: string;
}

export function factsOfCertificate(certificate: X509Certificate): CertificateFacts {
  const { fingerprint256, subject, issuer, validFrom, validTo, publicKey } = certificate;
  return {
    fingerprint256,
    subject: inOneLine(subject),
    issuer: inOneLine(issuer),
    validFrom: Date.parse(validFrom),
    validTo: Date.parse(validTo),
    key: keyText(publicKey),
  };
}

/**
 * The certificate that answers at an address, by a TLS handshake alone: nothing
 * is sent over the connection, and nobody has vouched for what comes back.
 * @throws HttpClientError `unreachable`, `tls`; `aborted` with the signal
 */
export async function showCertificate(
  target: { readonly host: string; readonly port: number },
  { connectTimeoutMs, clock, signal }: { connectTimeoutMs: number; clock: Clock } & AbortOptions,
): Promise<CertificateFacts> {
  let shown: CertificateFacts | null = null;
  const trust = {
    mode: 'insecure' as const,
    onShown: (certificate: X509Certificate) => {
      shown = factsOfCertificate(certificate);
    },
  };
  const connector = createConnector({ trust, connectTimeoutMs, clock });
  const onAbort = (): void => connector.close();
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const socket = await connector.connect({ ...target, secure: true });
    socket.destroy();
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
  if (shown === null) throw new HttpClientError('tls', `${target.host}:${target.port} showed no certificate`);
  return shown;
}

/** Node writes one attribute a line. */
function inOneLine(distinguished: string | undefined): string {
  return (distinguished ?? '').split('\n').filter(Boolean).join(', ');
}

function keyText({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const { modulusLength, namedCurve } = asymmetricKeyDetails ?? {};
  const type = (asymmetricKeyType ?? 'unknown').toUpperCase();
  if (modulusLength !== undefined) return `${type} ${modulusLength} bits`;
  return namedCurve === undefined ? type : `${type} ${CURVES[namedCurve] ?? namedCurve}`;
}

/** OpenSSL's names of the curves of FIPS 186-4 against those that people know. */
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};
