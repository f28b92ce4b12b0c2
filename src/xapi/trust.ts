import { readFile } from 'node:fs/promises';
import { messageOf } from '../lib/errors.ts';
import type { TlsTrust } from '../lib/http-client.ts';
import type { DeviceAddress } from './device.ts';
import { XapiError } from './errors.ts';

/**
 * The trust that all connections to one device share: a certificate met first
 * by one of them binds the others.
 * @throws XapiError `tls` where the CA file cannot be read
 */
export async function trustOf(
  address: DeviceAddress,
  onPinned: (fingerprint256: string) => void,
): Promise<TlsTrust> {
  const { tls, name } = address;
  if (tls.mode === 'insecure') return { mode: 'insecure' };
  if (tls.mode === 'ca') {
    if (tls.caFile === null) return { mode: 'ca' };
    try {
      return { mode: 'ca', ca: await readFile(tls.caFile, 'utf8') };
    } catch (error) {
      throw new XapiError('tls', `the CA file ${tls.caFile} for ${name} cannot be read: ${messageOf(error)}`);
    }
  }
  let pinned = tls.fingerprint256;
  return {
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
