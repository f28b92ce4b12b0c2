import { readFile } from 'node:fs/promises';
import { messageOf, RoomdError } from '../../lib/errors.ts';
import type { TlsTrust } from '../../lib/http-client.ts';
import type { SystemTls } from './connection.ts';

/**
 * | code | meaning | retryable |
 * |---|---|---|
 * | ca-unreadable | the file with a system's authority cannot be read | no |
 * | not-named | the file in force does not name the system | no |
 * | secret-missing | the secret of a system is not to be had where roomd runs | no |
 */
export class SystemError extends RoomdError<'ca-unreadable' | 'not-named' | 'secret-missing'> {}

/**
 * What connections to a system trust; `name` is where it stands in the file, as `systems.webex`.
 * @throws SystemError
 */
export async function trustOfSystem(tls: SystemTls, name: string): Promise<TlsTrust> {
  if (tls.mode === 'insecure' || tls.caFile === null) return { mode: tls.mode };
  try {
    return { mode: 'ca', ca: await readFile(tls.caFile, 'utf8') };
  } catch (error) {
    throw new SystemError(
      'ca-unreadable',
      `the CA file ${tls.caFile} of ${name} cannot be read: ${messageOf(error)}`,
    );
  }
}
