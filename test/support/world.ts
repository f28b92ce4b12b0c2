import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { type Action, perform } from '../../src/actions/action.ts';
import type { Daemon } from '../../src/daemon/daemon.ts';
import { NoFleetError, openDaemon } from '../../src/daemon/start.ts';
import type { Overrides } from '../../src/fleet/daemon-section.ts';
import { formatProblem } from '../../src/fleet/problem.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { Logger } from '../../src/lib/logger.ts';
import { seededRandom, uuidv7 } from '../../src/lib/random.ts';
import { type SimulatedDeviceSpec, type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { quick, type SimulatorSettings } from '../../src/simulator/settings.ts';
import { smallModel } from './small-model.ts';

export const USER = 'admin';
export const PASSWORD = 'correct horse battery staple';

/** Intervals and deadlines that a test can wait for. */
const TIMING =
  '{ sweep: 2s, drift: 1s, slotCheck: 1s, connect: 1s, request: 1500ms, ping: 2s, retryFirst: 100ms, retryMost: 400ms }';

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'roomd-world-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Simulated devices with short delays, gone when the test ends. */
export async function simulated(
  devices: readonly Partial<SimulatedDeviceSpec>[],
  {
    preset,
    settings,
    clock,
  }: { preset?: SimulatorSettings; settings?: Partial<SimulatorSettings>; clock?: Clock } = {},
): Promise<Simulator> {
  const simulator = await startSimulator({
    devices: devices.map((spec, at) => ({ name: `room-${at + 1}`, model: smallModel, ...spec })),
    username: USER,
    password: PASSWORD,
    settings: { ...preset, ...quick, ...settings },
    control: true,
    ...(clock === undefined ? {} : { clock }),
  });
  onTestFinished(() => simulator.stop());
  return simulator;
}

export interface FleetText {
  readonly devices: readonly { readonly name: string; readonly port: number }[];
  readonly configuration?: Readonly<Record<string, string>>;
  readonly mode?: 'observe' | 'enforce';
  readonly listen?: string;
  readonly feedbackPort?: number;
  readonly timing?: string;
  /** Lines under `daemon:`, and at the end of the file. */
  readonly daemon?: string;
  readonly more?: string;
  readonly password?: string;
  /** What the password is to be replaced by. */
  readonly next?: string;
}

/** A fleet file, as a person would write it for these devices. */
export function fleetText(fleet: FleetText): string {
  const { devices, configuration = {}, mode = 'observe', feedbackPort = 0 } = fleet;
  const publicUrl = feedbackPort === 0 ? '' : `, publicUrl: "http://127.0.0.1:${feedbackPort}"`;
  const settings = Object.entries(configuration).map(
    ([path, value]) => `    ${path}: ${JSON.stringify(value)}`,
  );
  return `version: 1
daemon:
  mode: ${mode}
  listen: ${fleet.listen ?? '127.0.0.1:0'}
  database: sqlite:./data/roomd.db
  feedback: { listen: "127.0.0.1:${feedbackPort}"${publicUrl} }
  timing: ${fleet.timing ?? TIMING}
${fleet.daemon ?? ''}
credentials:
  rooms: { username: ${USER}, password: "${fleet.password ?? '${env:ROOM_PASSWORD}'}"${fleet.next === undefined ? '' : `, next: "${fleet.next}"`} }
defaults:
  credentials: rooms
  timezone: Europe/Oslo
${settings.length === 0 ? '' : `  configuration:\n${settings.join('\n')}\n`}  feedback:
    expressions: [/Status/RoomAnalytics, /Status/Call, /Status/Standby]
devices:
${devices.map(({ name, port }) => `  - { name: ${name}, host: "127.0.0.1:${port}" }`).join('\n')}
${fleet.more ?? ''}
`;
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly facts: object;
}

/** Keeps what was logged. */
export function keepingLogger(): { logger: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const make = (about: object): Logger => {
    const say = (level: LogLine['level']) => (facts: object, message: string) =>
      void lines.push({ level, message, facts: { ...about, ...facts } });
    return {
      debug: say('debug'),
      info: say('info'),
      warn: say('warn'),
      error: say('error'),
      child: (more) => make({ ...about, ...more }),
    };
  };
  return { logger: make({}), lines };
}

export interface RunningDaemon {
  readonly daemon: Daemon;
  readonly folder: string;
  readonly file: string;
  readonly log: readonly LogLine[];
  /** A verb as an administrator performs it. */
  readonly act: <Input, Output>(action: Action<Input, Output>, input?: Partial<Input>) => Promise<Output>;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  readonly post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
}

/** The real daemon on a folder, in this process; stopped when the test ends. */
export async function runDaemon(
  text: string,
  {
    folder = temporaryFolder(),
    clock = systemClock(),
    env = {},
    overrides = {},
  }: { folder?: string; clock?: Clock; env?: Readonly<Record<string, string>>; overrides?: Overrides } = {},
): Promise<RunningDaemon> {
  const file = join(folder, 'fleet.yaml');
  writeFileSync(file, text);
  const { logger, lines } = keepingLogger();
  const stopping = new AbortController();
  const daemon = await openDaemon(
    {
      file,
      overrides,
      secrets: {
        // Asked at each reading, so that a test may change what it gave.
        env: (name) => env[name] ?? (name === 'ROOM_PASSWORD' ? PASSWORD : undefined),
        readFile: () => Promise.reject(new Error('there are no secret files here')),
      },
    },
    '0.0.0-test',
    { clock, random: seededRandom(3), newId: uuidv7(clock), logger },
    stopping.signal,
  ).catch((error: unknown) => {
    if (!(error instanceof NoFleetError)) throw error;
    throw new Error(error.problems.map(formatProblem).join('\n'), { cause: error });
  });
  onTestFinished(() => daemon.stop());
  await daemon.start(stopping.signal);
  return {
    daemon,
    folder,
    file,
    log: lines,
    async act<Input, Output>(action: Action<Input, Output>, input: Partial<Input> = {}) {
      const caller = { actor: 'test', role: 'admin' as const, devices: null };
      return (await perform(action, { input, caller, ports: daemon.ports })) as Output;
    },
    get: (path, headers = {}) => fetch(daemon.url + path, { headers }),
    post: (path, body, headers = {}) =>
      fetch(daemon.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}

/** Waits until it holds, at most so long; the last failure is the test's. */
export function eventually<T>(look: () => T | Promise<T>, withinMs = 6_000): Promise<T> {
  return vi.waitFor(look, { timeout: withinMs, interval: 30 });
}

/** A port that nobody holds just now. */
export async function freePort(): Promise<number> {
  const port = await tryPort(0);
  if (port === null) throw new Error('no port is free');
  return port;
}

/** A port after which so many ports are free, below the range that the system hands out by itself. */
export async function freeBasePort(count: number): Promise<number> {
  for (;;) {
    const base = randomInt(12_000, 30_000);
    const ports = Array.from({ length: count }, (_, at) => base + at + 1);
    if ((await Promise.all(ports.map(tryPort))).every((port) => port !== null)) return base;
  }
}

async function tryPort(wanted: number): Promise<number | null> {
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(wanted, '127.0.0.1', () => resolve(true));
  });
  const address = server.address();
  if (!isFree || typeof address === 'string' || address === null) return null;
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}
