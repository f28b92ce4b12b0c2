import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { RoomdError } from './errors.ts';
import type { Secret } from './secret.ts';

/** The text was not sealed with this key and context, or was altered. */
export class SealError extends RoomdError<'seal-broken'> {}

const VERSION = 'v1';
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const derive = promisify<string, Buffer, number, Buffer>(scrypt);

/**
 * A text that only `key` opens, and only for the same `context`: AES-256-GCM
 * (NIST SP 800-38D) under a key derived by scrypt (RFC 7914) with a salt of
 * its own. The form is `v1.` and base64url of salt, nonce, tag and the rest.
 */
export async function seal(text: string, key: Secret, context: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', await derive(key.reveal(), salt, KEY_BYTES), nonce);
  cipher.setAAD(Buffer.from(context));
  const closed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return `${VERSION}.${Buffer.concat([salt, nonce, cipher.getAuthTag(), closed]).toString('base64url')}`;
}

/** @throws SealError */
export async function unseal(sealed: string, key: Secret, context: string): Promise<string> {
  const [version, encoded = ''] = sealed.split('.');
  const bytes = Buffer.from(encoded, 'base64url');
  const head = SALT_BYTES + NONCE_BYTES;
  if (version !== VERSION || bytes.length < head + TAG_BYTES) throw broken();
  const derived = await derive(key.reveal(), bytes.subarray(0, SALT_BYTES), KEY_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', derived, bytes.subarray(SALT_BYTES, head), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(head, head + TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(head + TAG_BYTES)), decipher.final()]).toString();
  } catch (error) {
    throw broken(error);
  }
}

function broken(cause?: unknown): SealError {
  return new SealError('seal-broken', 'what was sealed does not open with this key, or was altered', {
    cause,
  });
}
