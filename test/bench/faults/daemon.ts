import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Simulator, startSimulator } from '../../../src/simulator/server.ts';
import { quick } from '../../../src/simulator/settings.ts';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { smallModel } from '../../support/small-model.ts';
import { fleetText, freePort, PASSWORD, USER } from '../../support/world.ts';
import { until } from './ears.ts';
import { withFolder } from './folder.ts';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** On a machine that has very much else to do. */
const START_MS = 60_000;

/** Simulated devices, a folder with a fleet file that names them, and the shipped daemon in a process of its own. */
export interface FaultWorld {
  readonly folder: string;
  readonly simulator: Simulator;
  readonly feedbackPort: number;
  /** Starts the daemon; resolves once it takes posts and every simulated device has its slot. */
  start(): Promise<Roomd>;
  /** Runs a command of it to its end. */
  command(...args: readonly string[]): Promise<{ code: number | null; out: string }>;
}

export interface Roomd {
  readonly child: ChildProcess;
  /** What the API tells of every device; empty while it does not answer. */
  devices(): Promise<readonly ToldOfDevice[]>;
  /** Ends it, by force or as an operator does; resolves once it is gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

interface ToldOfDevice {
  readonly name: string;
  readonly session: { readonly state: string };
  readonly presence: { readonly state: string };
}

/** @param others devices that the file names besides the simulated ones */
export async function withDaemon<T>(
  {
    names,
    others = [],
    timing,
  }: { names: readonly string[]; others?: readonly { name: string; port: number }[]; timing?: string },
  work: (world: FaultWorld) => Promise<T>,
): Promise<T> {
  const simulator = await startSimulator({
    devices: names.map((name) => ({ name, model: smallModel })),
    username: USER,
    password: PASSWORD,
    settings: quick,
  });
  const started: Roomd[] = [];
  try {
    return await withFolder(async (folder) => {
      const feedbackPort = await freePort();
      const apiPort = await freePort();
      const text = fleetText({
        devices: [...simulator.devices, ...others],
        mode: 'enforce',
        listen: `127.0.0.1:${apiPort}`,
        feedbackPort,
        ...(timing === undefined ? {} : { timing }),
      });
      await writeFile(join(folder, 'fleet.yaml'), text);
      const start = async (): Promise<Roomd> => {
        const roomd = run(folder, apiPort);
        started.push(roomd);
        const isReady = await until(
          async () =>
            simulator.devices.every((device) => slotUrl(device) !== null) && (await isUp(roomd, names)),
          START_MS,
        );
        if (!isReady) throw new Error('the daemon did not come up');
        return roomd;
      };
      try {
        return await work({
          folder,
          simulator,
          feedbackPort,
          start,
          command: (...args) => command(folder, args),
        });
      } finally {
        for (const roomd of started) await roomd.end('SIGKILL');
      }
    });
  } finally {
    await simulator.stop();
  }
}

export async function isUp(roomd: Roomd, names: readonly string[]): Promise<boolean> {
  const devices = await roomd.devices();
  return names.every((wanted) =>
    devices.some(({ name, session }) => name === wanted && session.state === 'up'),
  );
}

/** Where the device posts to; null before roomd has registered its slot. */
export function slotUrl(device: SimulatedDevice): string | null {
  return device.state.slots.list().find(({ url }) => url.includes('/feedback/'))?.url ?? null;
}

function run(folder: string, apiPort: number): Roomd {
  const child = spawn(process.execPath, [MAIN, 'run'], { cwd: folder, env: envOf(folder), stdio: 'ignore' });
  const gone = once(child, 'exit');
  return {
    child,
    async devices() {
      const signal = AbortSignal.timeout(2_000);
      const response = await fetch(`http://127.0.0.1:${apiPort}/api/v1/devices`, { signal }).catch(
        () => null,
      );
      if (response?.ok !== true) return [];
      return ((await response.json()) as { items: ToldOfDevice[] }).items;
    },
    async end(signal) {
      child.kill('SIGCONT');
      child.kill(signal);
      await gone;
    },
  };
}

async function command(
  folder: string,
  args: readonly string[],
): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: envOf(folder),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out };
}

function envOf(folder: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: folder, ROOM_PASSWORD: PASSWORD };
}
