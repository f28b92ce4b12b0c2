import { readFile } from 'node:fs/promises';
import type { TlsTrust } from '../../lib/http-client.ts';
import type { SystemTls } from './connection.ts';

/** Whom a system's client trusts. Rejects where the file with the authority cannot be read. */
export async function trustOf(tls: SystemTls): Promise<TlsTrust> {
  if (tls.mode === 'insecure' || tls.caFile === null) return { mode: tls.mode };
  return { mode: 'ca', ca: await readFile(tls.caFile, 'utf8') };
}
