import { Agent, type Dispatcher, request } from 'undici';
import { afterEach } from 'vitest';
import { WebSocket } from 'ws';
import {
  type SimulatedDeviceSpec,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/simulator/server.ts';
import { quick } from '../../src/simulator/settings.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import { smallModel } from '../support/small-model.ts';

export const USER = 'admin';
export const PASSWORD = 'secret pass/word+';
const BASIC = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** Ends something after the test, in reverse order. */
export function afterTest(cleanUp: () => unknown): void {
  cleanUps.push(cleanUp);
}

export interface SimulatedOptions extends Partial<Omit<SimulatorOptions, 'devices'>> {
  readonly devices?: Partial<SimulatedDeviceSpec>[];
}

/** Devices of the small model with short delays, stopped after the test. */
export async function simulate(
  options: SimulatedOptions = {},
): Promise<{ simulator: Simulator; device: SimulatedDevice }> {
  const specs = options.devices ?? [{}];
  const simulator = await startSimulator({
    username: USER,
    password: PASSWORD,
    ...options,
    settings: { ...quick, ...options.settings },
    devices: specs.map((spec, at) => ({ name: `sim-${at + 1}`, model: smallModel, ...spec })),
  });
  afterTest(() => simulator.stop());
  return { simulator, device: simulator.device(specs[0]?.name ?? 'sim-1') };
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/** One HTTPS request on a connection of its own; an empty `authorization` sends none. */
export async function ask(
  device: SimulatedDevice,
  method: Dispatcher.HttpMethod,
  path: string,
  options: { body?: string; headers?: Record<string, string> } = {},
): Promise<HttpAnswer> {
  const { authorization = BASIC, ...others } = options.headers ?? {};
  const agent = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    const answer = await request(`https://127.0.0.1:${device.port}${path}`, {
      method,
      dispatcher: agent,
      headers: authorization === '' ? others : { ...others, authorization },
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  } finally {
    await agent.close();
  }
}

export function get(device: SimulatedDevice, path: string): Promise<HttpAnswer> {
  return ask(device, 'GET', path);
}

export async function put(device: SimulatedDevice, body: string): Promise<string> {
  const answer = await ask(device, 'POST', '/putxml', { body, headers: { 'content-type': 'text/xml' } });
  return answer.text;
}

/** A bare JSON-RPC client. */
export class RpcClient {
  readonly socket: WebSocket;
  readonly events: Record<string, unknown>[] = [];
  readonly frames: string[] = [];
  readonly #pending = new Map<string, (message: Record<string, unknown>) => void>();
  #lastId = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.#take(data.toString()));
    socket.on('error', () => undefined);
  }

  /** The whole answer to a request. */
  call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    this.#lastId += 1;
    const id = `request ${this.#lastId}`;
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  async result(method: string, params: object = {}): Promise<unknown> {
    const answer = await this.call(method, params);
    if ('error' in answer) throw new Error(JSON.stringify(answer['error']));
    return answer['result'];
  }

  async error(method: string, params: object = {}): Promise<unknown> {
    return (await this.call(method, params))['error'];
  }

  #take(text: string): void {
    this.frames.push(text);
    let message: Record<string, unknown>;
    try {
      message = JSON.parse(text) as Record<string, unknown>;
    } catch {
      return;
    }
    if (message?.['method'] === 'xFeedback/Event')
      this.events.push(message['params'] as Record<string, unknown>);
    this.#pending.get(String(message?.['id']))?.(message);
  }
}

/** Connects to /ws and waits for the socket to open; rejects with the upgrade's refusal. */
export function connectRpc(
  device: SimulatedDevice,
  options: { basic?: boolean; password?: string; path?: string } = {},
): Promise<RpcClient> {
  const credentials = `${USER}:${options.password ?? PASSWORD}`;
  const url = `wss://127.0.0.1:${device.port}${options.path ?? '/ws'}`;
  const tls = { rejectUnauthorized: false, perMessageDeflate: false };
  const socket =
    options.basic === true
      ? new WebSocket(url, {
          ...tls,
          headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
        })
      : new WebSocket(url, [`auth-${Buffer.from(credentials).toString('base64url')}`], tls);
  afterTest(() => socket.terminate());
  const client = new RpcClient(socket);
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(client));
    socket.once('error', reject);
  });
}

/** Waits until something holds, a few seconds at most. */
export async function until(holds: () => boolean, what = 'the expected state'): Promise<void> {
  const deadline = Date.now() + 4_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
