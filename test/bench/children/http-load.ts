import { Agent, get, type IncomingMessage } from 'node:http';
import { percentile } from '../figures.ts';
import { answerParent } from './parent.ts';

export interface Fetched {
  readonly status: number;
  readonly bytes: number;
  readonly etag: string | null;
}

export interface Delivered {
  readonly events: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}

const agent = new Agent({ keepAlive: true });
const streams: IncomingMessage[] = [];
let latencies: number[] = [];

answerParent({
  /** The same request so many times, one after another. */
  fetch: async ({
    url,
    times,
    etag,
  }: {
    url: string;
    times: number;
    etag: string | null;
  }): Promise<Fetched> => {
    let last: Fetched | null = null;
    for (let time = 0; time < times; time += 1) last = await one(url, etag);
    if (last === null) throw new Error('nothing was fetched');
    return last;
  },
  body: async ({ url }: { url: string }): Promise<unknown> => {
    const response = await request(url, {});
    return JSON.parse(await textOf(response));
  },
  /** Opens event streams that note how long each event was on its way. */
  listen: async ({ url, count }: { url: string; count: number }): Promise<void> => {
    for (let at = 0; at < count; at += 1) {
      const stream = await request(url, { accept: 'text/event-stream' }, false);
      if (stream.statusCode !== 200) throw new Error(`a stream was answered ${stream.statusCode}`);
      hear(stream);
      streams.push(stream);
    }
  },
  delivered: (): Delivered => {
    const heard = latencies;
    latencies = [];
    return {
      events: heard.length,
      p50Ms: percentile(heard, 0.5),
      p99Ms: percentile(heard, 0.99),
      mostMs: percentile(heard, 1),
    };
  },
});

function hear(stream: IncomingMessage): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const now = Date.now();
    const parts = (rest + chunk).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const sentAt = /"sentAt":(\d+)/.exec(part)?.[1];
      if (sentAt !== undefined) latencies.push(now - Number(sentAt));
    }
  });
}

async function one(url: string, etag: string | null): Promise<Fetched> {
  const response = await request(url, etag === null ? {} : { 'if-none-match': etag });
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Uint8Array).length;
  return { status: response.statusCode ?? 0, bytes, etag: response.headers.etag ?? null };
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return text;
}

function request(url: string, headers: Record<string, string>, isKept = true): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: isKept ? agent : false }, resolve).on('error', reject);
  });
}
