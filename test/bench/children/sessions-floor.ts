import pLimit from 'p-limit';
import { WebSocket } from 'ws';
import { LOGIN } from '../login.ts';
import { EXPRESSIONS } from '../subscribed.ts';
import { settledMemory } from './memory.ts';
import { answerParent } from './parent.ts';

/** Bare `ws` clients: the login and the requests of a session, whose answers are counted and dropped. */

const limit = pLimit(32);
let ports: readonly number[] = [];
const clients: WebSocket[] = [];

answerParent({
  start: (input: { ports: readonly number[] }) => {
    ports = input.ports;
  },
  open: async ({ count }: { count: number }) => {
    const missing = Array.from({ length: count - clients.length }, (_, at) => clients.length + at);
    await Promise.all(missing.map((at) => limit(() => open(ports[at % ports.length] ?? 0))));
  },
  memory: settledMemory,
});

function open(port: number): Promise<void> {
  const credentials = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64url');
  const client = new WebSocket(`wss://127.0.0.1:${port}/ws`, [`auth-${credentials}`], {
    rejectUnauthorized: false,
    perMessageDeflate: false,
  });
  clients.push(client);
  return new Promise((resolve, reject) => {
    let unanswered = REQUESTS.length;
    client.on('open', () => {
      for (const request of REQUESTS) client.send(request);
    });
    client.on('message', () => {
      unanswered -= 1;
      if (unanswered === 0) resolve();
    });
    client.on('error', reject);
  });
}

const REQUESTS = [
  ['xGet', { Path: ['Status', 'SystemUnit'] }] as const,
  ...EXPRESSIONS.map(
    (text) => ['xFeedback/Subscribe', { Query: text.split('/').filter((word) => word !== '') }] as const,
  ),
  ...EXPRESSIONS.filter((text) => text.startsWith('/Status/')).map(
    (text) => ['xGet', { Path: text.split('/').filter((word) => word !== '') }] as const,
  ),
].map(([method, params], at) => JSON.stringify({ jsonrpc: '2.0', id: String(at + 1), method, params }));
