import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Action } from '../../actions/action.ts';
import { perform } from '../../actions/action.ts';
import type { Daemon } from '../../daemon/daemon.ts';
import { openDaemon } from '../../daemon/start.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { seededRandom, uuidv7 } from '../../lib/random.ts';
import { startWebexStandIn, type WebexStandIn } from '../../simulator/cloud/webex.ts';
import { builtInModels } from '../../simulator/models/built-in.ts';
import { type SimulatedDeviceSpec, type Simulator, startSimulator } from '../../simulator/server.ts';
import { version } from '../version.ts';
import { demoFleet, STANDUP_DEVICE } from './demo-fleet.ts';

/** A part of the demo that is damaged on purpose, to show that the demo would notice. */
export type Damage = 'apply' | 'slot' | 'presence' | 'dial' | 'notify';

export const DAMAGES: readonly Damage[] = ['apply', 'slot', 'presence', 'dial', 'notify'];

/** Devices of the demo that misbehave. */
export const HOSTILE = {
  wrongPassword: 'tundra',
  offline: 'glacier',
  reboots: 'harbour',
  inUse: 'boardroom',
} as const;

export interface Stage {
  readonly simulator: Simulator;
  readonly webex: WebexStandIn;
  readonly daemon: Daemon;
  readonly clock: Clock;
  readonly folder: string;
  readonly damage: Damage | null;
  readonly url: string;
  /** A verb as an operator would perform it. */
  perform<Input, Output>(action: Action<Input, Output>, input: Partial<Input>): Promise<Output>;
  stop(): Promise<void>;
}

const TOKEN = 'simulated-webex-bot';
const PASSWORD = 'correct horse battery staple';
/** The clock stands so far before nine in the morning when the curtain rises. */
const BEFORE_NINE_MS = 17_000;

const NAMES = [
  STANDUP_DEVICE,
  HOSTILE.inUse,
  HOSTILE.reboots,
  HOSTILE.wrongPassword,
  HOSTILE.offline,
  'aurora',
  'birch',
  'cliff',
  'dune',
  'ember',
  'focus-1',
  'focus-2',
];

/** Simulated devices, a stand-in for Webex and the real daemon on a folder of its own. */
export async function setStage(damage: Damage | null, signal: AbortSignal): Promise<Stage> {
  const clock = clockBeforeNine();
  const folder = await mkdtemp(join(tmpdir(), 'roomd-demo-'));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const simulator = await startSimulator(
      {
        devices: specs(),
        username: 'admin',
        password: PASSWORD,
        settings: DEVICE_SETTINGS,
        clock,
        random: seededRandom(7),
        control: true,
      },
      signal,
    );
    undo.push(() => simulator.stop());
    const webex = await startWebexStandIn({
      tokens: { [TOKEN]: BOT },
      rooms: [{ title: 'Room operations' }],
      clock,
    });
    undo.push(() => webex.stop());
    if (damage === 'notify') webex.fail({ status: 401, times: 1_000 });
    const [apiPort, feedbackPort, deadPort] = await freePorts(3);
    const file = join(folder, 'fleet.yaml');
    const text = demoFleet({
      devices: simulator.devices.map(({ name, port }, at) => ({
        name,
        port,
        kind: KINDS[at % KINDS.length] ?? 'room',
      })),
      apiPort: apiPort ?? 0,
      feedbackPort: feedbackPort ?? 0,
      publicPort: (damage === 'slot' ? deadPort : feedbackPort) ?? 0,
      webexUrl: webex.url,
      roomId: webex.rooms[0]?.id ?? '',
      standupNumber: damage === 'dial' ? 'busy.standup@example.com' : 'standup@example.com',
    });
    await writeFile(file, text);
    const secrets: Record<string, string> = { ROOMD_DEMO_PASSWORD: PASSWORD, ROOMD_DEMO_WEBEX_TOKEN: TOKEN };
    const daemon = await openDaemon(
      {
        file,
        overrides: {},
        secrets: {
          env: (name) => secrets[name],
          readFile: () => Promise.reject(new Error('the demo has no secret files')),
        },
      },
      version(),
      { clock, random: seededRandom(11), newId: uuidv7(clock), logger: silentLogger },
      signal,
    );
    undo.push(() => daemon.stop());
    await daemon.start(signal);
    return {
      simulator,
      webex,
      daemon,
      clock,
      folder,
      damage,
      url: daemon.url,
      async perform<Input, Output>(action: Action<Input, Output>, input: Partial<Input>) {
        const caller = { actor: 'demo', role: 'admin' as const, devices: null };
        return (await perform(action, { input, caller, ports: daemon.ports, signal })) as Output;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const KINDS = ['board', 'room', 'desk'] as const;

const BOT = { personId: 'roomd', email: 'roomd@webex.bot', displayName: 'roomd', type: 'bot' as const };

/** Delays that a person can watch, instead of a device's minutes. */
const DEVICE_SETTINGS = {
  presenceYesMs: 500,
  presenceNoMs: 1_500,
  connectMs: 500,
  rebootMs: 2_000,
  feedbackRetries: 3,
  feedbackRetrySpacingMs: 200,
};

function specs(): SimulatedDeviceSpec[] {
  return NAMES.map((name, at) => ({
    name,
    model: builtInModels[KINDS[at % KINDS.length] ?? 'room'],
    wrongPassword: name === HOSTILE.wrongPassword,
    offline: name === HOSTILE.offline,
    configuration: {
      'Audio.DefaultVolume': '40',
      'RoomAnalytics.PeopleCountOutOfCall': 'On',
      'Standby.Delay': '10',
    },
  }));
}

/** A clock at real speed that is about to strike nine in Oslo. */
function clockBeforeNine(): Clock {
  const now = systemClock().now();
  const wall = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Oslo',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  const [hour = 0, minute = 0, second = 0] = wall.format(now).split(':').map(Number);
  const sinceMidnightMs = ((hour * 60 + minute) * 60 + second) * 1_000 + (now % 1_000);
  return systemClock(9 * 3_600_000 - sinceMidnightMs - BEFORE_NINE_MS);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address !== null && typeof address === 'object') ports.push(address.port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
