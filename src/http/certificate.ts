import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { day } from '../fleet/certificate-facts.ts';
import { messageOf } from '../lib/errors.ts';

/** The files of `daemon.tls`. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What the API shows, read and found to fit. */
export interface ServerCertificate {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** UTC milliseconds. */
  readonly expiresAt: number;
}

/**
 * Reads a certificate and its key.
 * @returns a sentence where they cannot be used: not there, no PEM, or not of one another
 */
export async function readCertificate({ certFile, keyFile }: TlsFiles): Promise<ServerCertificate | string> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      return `the key in ${keyFile} does not belong to the certificate in ${certFile}`;
    // The rest of the chain must be readable, too.
    createSecureContext({ cert, key });
    return { cert, key, expiresAt: Date.parse(certificate.validTo) };
  } catch (error) {
    return `${certFile} and ${keyFile} cannot be used: ${messageOf(error)}`;
  }
}

/** A sentence on the certificate in use where something is the matter; null where nothing is. */
export function troubleWith(
  { expiresAt }: Pick<ServerCertificate, 'expiresAt'>,
  { refused, now }: { refused: string | null; now: number },
): string | null {
  if (expiresAt <= now) return `the certificate of the API expired on ${day(expiresAt)}`;
  return refused === null ? null : `${refused}; the certificate before stays in use`;
}
