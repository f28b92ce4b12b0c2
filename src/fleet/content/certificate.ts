import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { Wrong } from '../forms.ts';

export interface ReadCertificate {
  readonly pem: string;
  readonly x509: X509Certificate;
  /** Upper-case hex with colons. */
  readonly fingerprint256: string;
  readonly validFrom: number;
  readonly expiresAt: number;
}

const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Every certificate of a PEM file, in order. */
export function readCertificates(bytes: Uint8Array): readonly ReadCertificate[] | Wrong {
  const text = Buffer.from(bytes).toString('latin1');
  const certificates: ReadCertificate[] = [];
  for (const [pem] of text.matchAll(BLOCK)) {
    const certificate = readCertificate(pem);
    if (certificate instanceof Wrong) return certificate;
    certificates.push(certificate);
  }
  if (certificates.length > 0) return certificates;
  return new Wrong(
    'holds no certificate: a PEM file has a line -----BEGIN CERTIFICATE-----. Convert it, for example with openssl x509 -inform der.',
  );
}

function readCertificate(pem: string): ReadCertificate | Wrong {
  try {
    const x509 = new X509Certificate(pem);
    return {
      pem: `${pem}\n`,
      x509,
      fingerprint256: x509.fingerprint256,
      validFrom: Date.parse(x509.validFrom),
      expiresAt: Date.parse(x509.validTo),
    };
  } catch {
    return new Wrong('holds a certificate that cannot be read; get it anew from whoever issued it.');
  }
}

/** The private key of a PEM file, as its own text and ready to be compared. */
export function readPrivateKey(bytes: Uint8Array): { pem: string; key: KeyObject } | Wrong {
  const text = Buffer.from(bytes).toString('latin1');
  const pem = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[\s\S]+?-----END \1PRIVATE KEY-----/.exec(text)?.[0];
  if (pem === undefined)
    return new Wrong('holds no private key: a PEM file has a line -----BEGIN PRIVATE KEY-----.');
  if (pem.includes('ENCRYPTED'))
    return new Wrong(
      'is locked by a passphrase, which roomd does not know; take it off with openssl pkey -in FILE -out FILE, and keep the file to roomd alone.',
    );
  try {
    return { pem: `${pem}\n`, key: createPrivateKey(pem) };
  } catch {
    return new Wrong('holds a private key that cannot be read; make it anew together with its certificate.');
  }
}

const SOON_MS = 30 * 86_400_000;

/** What the dates of a certificate say about it now. */
export function judgeDates(
  { validFrom, expiresAt }: ReadCertificate,
  now: number,
): { severity: 'error' | 'warning'; message: string } | null {
  if (expiresAt <= now)
    return {
      severity: 'error',
      message: `expired on ${day(expiresAt)}; get a new one, or take this line out.`,
    };
  if (validFrom > now) return { severity: 'warning', message: `is not valid before ${day(validFrom)}.` };
  if (expiresAt > now + SOON_MS) return null;
  const days = Math.ceil((expiresAt - now) / 86_400_000);
  return {
    severity: 'warning',
    message: `expires on ${day(expiresAt)}, in ${days} ${days === 1 ? 'day' : 'days'}; have it renewed.`,
  };
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
