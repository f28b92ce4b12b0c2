import { readFile } from 'node:fs/promises';
import { messageOf } from '../lib/errors.ts';
import type { TlsTrust } from '../lib/http-client.ts';
import { type CertificateFacts, factsOfCertificate } from '../lib/peer-certificate.ts';
import type { DeviceAddress } from './device.ts';
import { XapiError } from './errors.ts';

export interface TrustListeners {
  readonly onPinned: (fingerprint256: string) => void;
  /** Told of each certificate that a connection was taken with, once while it stays the same. */
  readonly onShown?: (certificate: CertificateFacts) => void;
}

/**
 * The trust that all connections to one device share: a certificate met first
 * by one of them binds the others.
 * @throws XapiError `tls` where the CA file cannot be read
 */
export async function trustOf(
  address: DeviceAddress,
  { onPinned, onShown: tell }: TrustListeners,
): Promise<TlsTrust> {
  const { tls, name } = address;
  const heard = tell === undefined ? {} : { onShown: onceEach(tell) };
  if (tls.mode === 'insecure') return { mode: 'insecure', ...heard };
  if (tls.mode === 'ca') {
    if (tls.caFile === null) return { mode: 'ca', ...heard };
    try {
      return { mode: 'ca', ca: await readFile(tls.caFile, 'utf8'), ...heard };
    } catch (error) {
      throw new XapiError('tls', `the CA file ${tls.caFile} for ${name} cannot be read: ${messageOf(error)}`);
    }
  }
  let pinned = tls.fingerprint256;
  return {
    ...heard,
    mode: 'pin',
    get fingerprint256() {
      return pinned;
    },
    onFirstContact: (shown) => {
      pinned = shown;
      onPinned(shown);
    },
  };
}

function onceEach(tell: (certificate: CertificateFacts) => void): NonNullable<TlsTrust['onShown']> {
  let last: string | null = null;
  return (certificate) => {
    const { fingerprint256 } = certificate;
    if (fingerprint256 === last) return;
    last = fingerprint256;
    tell(factsOfCertificate(certificate));
  };
}
