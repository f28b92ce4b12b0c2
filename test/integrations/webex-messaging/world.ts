import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  createWebexClient,
  type WebexClient,
  type WebexLogin,
} from '../../../src/integrations/webex-messaging/client.ts';
import type { GrantStore } from '../../../src/integrations/webex-messaging/credentials/grant.ts';
import { WebexError } from '../../../src/integrations/webex-messaging/errors.ts';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import {
  startWebexStandIn,
  type WebexStandIn,
  type WebexStandInOptions,
} from '../../../src/simulator/cloud/webex.ts';

export const BOT = { personId: 'bot', email: 'roomd@webex.bot', displayName: 'roomd', type: 'bot' } as const;
export const ADA = {
  personId: 'ada',
  email: 'ada@example.com',
  displayName: 'Ada',
  type: 'person',
  isAdmin: true,
} as const;
export const APP = {
  clientId: 'C1',
  clientSecret: 'app-secret',
  applicationId: 'A1',
  redirectUri: 'https://roomd.example.com/granted',
  actsAs: ADA.email,
} as const;

/** A stand-in that ends with the test. */
export async function standInFor(options: Partial<WebexStandInOptions> = {}): Promise<WebexStandIn> {
  const standIn = await startWebexStandIn({
    tokens: { 'bot-token': BOT, 'ada-token': ADA },
    apps: [APP],
    ...options,
  });
  onTestFinished(() => standIn.stop());
  return standIn;
}

export function clientOf(
  { url }: Pick<WebexStandIn, 'url'>,
  login: WebexLogin,
  { clock = systemClock(), store }: { clock?: Clock; store?: GrantStore } = {},
): WebexClient {
  const modules = store === undefined ? { clock } : { clock, store };
  const client = createWebexClient({ baseUrl: url, ...login }, modules);
  onTestFinished(() => client.close());
  return client;
}

export interface Heard {
  readonly body: Buffer;
  readonly signature: string | undefined;
}

/** A receiver of webhooks that ends with the test. */
export async function receiver(status = 200): Promise<{ targetUrl: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const signature = request.headers['x-spark-signature'];
      heard.push({ body: Buffer.concat(chunks), signature: signature?.toString() });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { targetUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, heard };
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

export async function failureOf(work: Promise<unknown>): Promise<WebexError> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof WebexError) return thrown;
  throw new Error(`expected a WebexError, met ${String(thrown)}`);
}
