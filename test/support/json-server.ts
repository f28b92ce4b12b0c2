import { createServer, type IncomingHttpHeaders } from 'node:http';
import { onTestFinished } from 'vitest';

export interface ReceivedPost {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly json: () => unknown;
}

export interface JsonServer {
  readonly url: string;
  readonly posts: readonly ReceivedPost[];
  /** What posts are answered from now on. */
  answer: { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> };
}

/** Stands in for a webhook's receiver or an Alertmanager on 127.0.0.1: keeps what is posted; gone when the test ends. */
export async function jsonServer(): Promise<JsonServer> {
  const posts: ReceivedPost[] = [];
  const state: { answer: JsonServer['answer'] } = { answer: { status: 200 } };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      posts.push({
        path: request.url ?? '',
        headers: request.headers,
        body,
        json: () => JSON.parse(body) as unknown,
      });
      response.writeHead(state.answer.status, state.answer.headers);
      response.end(state.answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return Object.assign(state, { url: `http://127.0.0.1:${port}`, posts });
}
