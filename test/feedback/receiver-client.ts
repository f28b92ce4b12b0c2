import { Agent, request } from 'node:http';
import { connect } from 'node:net';

/** One POST; the answer's status, 0 where the connection broke. */
export function post(
  port: number,
  path: string,
  body: string | Buffer,
  options: { headers?: Record<string, string>; method?: string; agent?: Agent } = {},
): Promise<number> {
  return new Promise((resolve) => {
    const sending = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: options.method ?? 'POST',
        agent: options.agent ?? false,
        headers: {
          'content-type': 'text/xml; charset=utf-8',
          'content-length': Buffer.byteLength(body),
          ...options.headers,
        },
      },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sending.on('error', () => resolve(0));
    sending.end(body);
  });
}

/** Writes raw bytes, piece by piece, and resolves with all that came back once the other side closed. */
export function raw(
  port: number,
  pieces: readonly string[],
  options: { end?: boolean } = {},
): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(port, '127.0.0.1', () => {
      for (const piece of pieces) socket.write(piece);
      if (options.end === true) socket.end();
    });
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
  });
}
