import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { connect, type MqttClient } from 'mqtt';
import { onTestFinished } from 'vitest';
import { programAt } from './programs.ts';
import { eventually, freePort, temporaryFolder } from './world.ts';

/** Tests with a real broker are skipped, and named as skipped, where there is none. */
export const mosquitto = programAt('mosquitto');

export interface Broker {
  readonly url: string;
  start(): Promise<void>;
  /** Retained messages go with it. */
  stop(): Promise<void>;
}

/** Mosquitto on a port of its own, ended with the test. @param lines further ones of its configuration */
export async function startBroker(
  lines: readonly string[] = ['allow_anonymous true'],
  scheme: 'mqtt' | 'mqtts' = 'mqtt',
): Promise<Broker> {
  const port = await freePort();
  const file = join(temporaryFolder(), 'mosquitto.conf');
  writeFileSync(
    file,
    [`listener ${port} 127.0.0.1`, 'persistence false', `user ${userInfo().username}`, ...lines, ''].join(
      '\n',
    ),
  );
  let child: ChildProcess | null = null;
  const broker: Broker = {
    url: `${scheme}://127.0.0.1:${port}`,
    async start() {
      child = spawn(mosquitto ?? '', ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
      const said: string[] = [];
      child.stderr?.on('data', (data: Buffer) => said.push(data.toString()));
      await eventually(() => {
        if (!said.join('').includes('running')) throw new Error(`mosquitto does not run: ${said.join('')}`);
      });
    },
    async stop() {
      const running = child;
      child = null;
      if (running === null || running.exitCode !== null) return;
      const ended = once(running, 'exit');
      running.kill('SIGKILL');
      await ended;
    },
  };
  await broker.start();
  onTestFinished(() => broker.stop());
  return broker;
}

/** Another client of the broker, which hears everything. */
export interface Listener {
  readonly client: MqttClient;
  /** What was said last on each topic; a topic that was cleared is not there. */
  readonly said: ReadonlyMap<string, string>;
  /** All messages in their order. */
  readonly all: readonly { readonly topic: string; readonly text: string; readonly retain: boolean }[];
}

export async function listen(
  { url }: Broker,
  login: { username?: string; password?: string } = {},
): Promise<Listener> {
  const client = connect(url, { reconnectPeriod: 50, rejectUnauthorized: false, ...login });
  // While the broker is away.
  client.on('error', () => undefined);
  const said = new Map<string, string>();
  const all: { topic: string; text: string; retain: boolean }[] = [];
  client.on('message', (topic, payload, { retain }) => {
    const text = payload.toString();
    all.push({ topic, text, retain });
    if (text === '') said.delete(topic);
    else said.set(topic, text);
  });
  onTestFinished(() => client.endAsync(true));
  await new Promise<void>((resolve) => {
    client.once('connect', () => resolve());
  });
  await client.subscribeAsync('#', { qos: 1 });
  return { client, said, all };
}
