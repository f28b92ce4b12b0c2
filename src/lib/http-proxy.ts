import type { Socket } from 'node:net';
import { HttpClientError } from './http-errors.ts';

const MOST_HEAD_BYTES = 16_384;
/** The proxy could not get through just now (RFC 9110 sections 15.6.3 to 15.6.5); any other refusal stays one. */
const TRANSIENT: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Has the proxy at the other end of `socket` connect it with `where`
 * (CONNECT, RFC 9110 section 9.3.6): what is written from then on reaches that
 * place. Ends with the socket; a deadline is the caller's.
 * @throws HttpClientError `proxy` where it refuses or answers no HTTP, `unreachable` where it did not get through
 */
export async function openTunnel(socket: Socket, where: string, proxy: string): Promise<void> {
  socket.write(`CONNECT ${where} HTTP/1.1\r\nHost: ${where}\r\n\r\n`);
  const head = await readHead(socket, proxy);
  const [, status, reason = ''] = /^HTTP\/1\.[01] (\d{3})(?: ([^\r\n]*))?/.exec(head) ?? [];
  if (status === undefined)
    throw new HttpClientError('proxy', `what answers at ${proxy} is no HTTP proxy; nothing was sent`, {
      details: { sent: false },
    });
  if (!status.startsWith('2')) throw proxyRefusal(Number(status), { where, proxy, reason });
}

/** What a proxy says no with, as an error. */
export function proxyRefusal(
  status: number,
  { where, proxy, reason }: { where: string; proxy: string; reason: string },
): HttpClientError {
  const said = `${status}${reason === '' ? '' : ` ${reason}`}`;
  const why = status === 407 ? '; it wants a login, and roomd gives it none' : '';
  return new HttpClientError(
    TRANSIENT.has(status) ? 'unreachable' : 'proxy',
    `the proxy ${proxy} refused the way to ${where}: ${said}${why}`,
    { details: { status, sent: false } },
  );
}

function readHead(socket: Socket, proxy: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let read = Buffer.alloc(0);
    const stop = (): void => {
      socket.off('data', onData).off('close', onClose).off('error', reject);
      socket.pause();
    };
    const onClose = (): void => {
      stop();
      reject(new Error(`the proxy ${proxy} closed the connection without an answer`));
    };
    const onData = (chunk: Buffer): void => {
      read = Buffer.concat([read, chunk]);
      const end = read.indexOf('\r\n\r\n');
      if (end === -1 && read.length <= MOST_HEAD_BYTES) return;
      stop();
      if (end !== -1 && read.length > end + 4) socket.unshift(read.subarray(end + 4));
      resolve(read.toString('latin1', 0, end === -1 ? MOST_HEAD_BYTES : end));
    };
    socket.on('data', onData).once('close', onClose).once('error', reject);
  });
}
