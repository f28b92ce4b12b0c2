import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'undici';
import { percentile } from '../figures.ts';
import { postOf, tokenOf } from '../post-bodies.ts';
import { answerParent } from './parent.ts';

/** Devices that post at a fixed rate whatever becomes of it, each over a connection of its own; one that is told to come again does, as real ones do. */

export interface Delivered {
  readonly delivered: number;
  /** From the moment a post was due to its answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Posts that were not taken the first time, for there were too many at once. */
  readonly again: number;
}

interface Load {
  readonly port: number;
  readonly devices: number;
  readonly rate: number;
  readonly seconds: number;
}

let clients: readonly Client[] = [];
let sent = 0;
let again = 0;
const AGAIN_MS = 100;

answerParent({
  run: async ({ port, devices, rate, seconds }: Load): Promise<Delivered> => {
    if (clients.length === 0)
      clients = Array.from({ length: devices }, () => new Client(`http://127.0.0.1:${port}`));
    again = 0;
    const took: number[] = [];
    const under: Promise<void>[] = [];
    const begin = performance.now();
    const total = rate * seconds;
    for (let at = 0; at < total; ) {
      const dueCount = Math.min(total, Math.floor(((performance.now() - begin) / 1_000) * rate));
      for (; at < dueCount; at += 1) {
        const due = begin + (at * 1_000) / rate;
        under.push(post().then(() => void took.push(performance.now() - due)));
      }
      await wait(1);
    }
    await Promise.all(under);
    return { delivered: took.length, p50Ms: percentile(took, 0.5), p99Ms: percentile(took, 0.99), again };
  },
});

async function post(): Promise<void> {
  const at = sent;
  sent += 1;
  const device = at % clients.length;
  while ((await answerTo(device, postOf(at))) === 503) {
    again += 1;
    await wait(AGAIN_MS);
  }
}

async function answerTo(device: number, body: string): Promise<number> {
  const client = clients[device];
  if (client === undefined) throw new Error('there are no devices');
  const answer = await client.request({
    method: 'POST',
    path: `/feedback/${tokenOf(device + 1)}`,
    headers: { 'content-type': 'text/xml; charset=utf-8', 'user-agent': 'Cisco/CE' },
    body,
  });
  await answer.body.dump();
  const { statusCode } = answer;
  if (statusCode !== 200 && statusCode !== 503) throw new Error(`a post was answered ${statusCode}`);
  return statusCode;
}
