import { readFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';

export interface PostServerTls {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A server that does not listen yet, with the limits that hold before a request is looked at. */
export async function createPostServer(
  { tls, bodyMs }: { readonly tls: PostServerTls | null; readonly bodyMs: number },
  {
    serve,
    onClientError,
  }: {
    readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
    readonly onClientError: (error: NodeJS.ErrnoException, socket: Duplex) => void;
  },
): Promise<Server> {
  const options: ServerOptions = {
    requestTimeout: bodyMs,
    headersTimeout: bodyMs,
    connectionsCheckingInterval: Math.min(1_000, bodyMs),
    keepAliveTimeout: 60_000,
    maxHeaderSize: 8 * 1024,
  };
  const server = tls === null ? createServer(options, serve) : await createTls(options, tls, serve);
  server.on('clientError', onClientError);
  return server;
}

async function createTls(
  options: ServerOptions,
  { certFile, keyFile }: PostServerTls,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const [cert, key] = [await readFile(certFile), await readFile(keyFile)];
  return createTlsServer({ ...options, cert, key, minVersion: 'TLSv1.2' }, serve);
}
