import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Action, perform } from '../../../src/actions/action.ts';
import { apply } from '../../../src/actions/apply.ts';
import { listDevices } from '../../../src/actions/devices.ts';
import { rolloutStatus, startRollout } from '../../../src/actions/rollout.ts';
import type { Daemon } from '../../../src/daemon/daemon.ts';
import { openDaemon } from '../../../src/daemon/start.ts';
import { sleep } from '../../../src/lib/abort.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { seededRandom, uuidv7 } from '../../../src/lib/random.ts';
import { LOGIN } from '../login.ts';
import { spentOn } from '../spent.ts';
import { answerParent } from './parent.ts';

/** The daemon with a session to every device, as a child that does what an operator would. */

export interface DaemonInput {
  readonly devices: readonly { readonly name: string; readonly port: number }[];
  readonly folder: string;
  /** Lines of the file under `daemon:`, beside its places. */
  readonly settings: readonly string[];
}

type Wanted = Readonly<Record<string, string>>;

const LOOK_EVERY_MS = 20;
const clock = systemClock();
let running: (DaemonInput & { readonly daemon: Daemon }) | null = null;

answerParent({
  start: async (start: DaemonInput) => {
    const file = join(start.folder, 'fleet.yaml');
    await writeFile(file, fleetFile(start, {}));
    const secrets = {
      env: () => LOGIN.password,
      readFile: () => Promise.reject(new Error('there are no files')),
    };
    const daemon = await openDaemon(
      { file, overrides: {}, secrets },
      'bench',
      { clock, random: seededRandom(7), newId: uuidv7(clock), logger: silentLogger },
      new AbortController().signal,
    );
    running = { ...start, daemon };
    await daemon.start(new AbortController().signal);
    await until(async () => {
      const { items } = await act(listDevices, { limit: 1_000 });
      return items.every(
        ({ session, configuration }) => session.state === 'up' && configuration.state !== 'unchecked',
      );
    });
  },
  /** The file wants these settings of every device from now on. */
  want: async ({ wanted }: { wanted: Wanted }) => {
    const start = started();
    await writeFile(join(start.folder, 'fleet.yaml'), fleetFile(start, wanted));
    await start.daemon.reload();
    await until(async () => {
      const { items } = await act(listDevices, { limit: 1_000 });
      return items.every(({ drift }) => drift === Object.keys(wanted).length);
    });
  },
  apply: () =>
    spentOn(async () => {
      const { summary } = await act(apply, {});
      if (summary.notProven + summary.refused + summary.waiting > 0)
        throw new Error(`the apply is not whole: ${JSON.stringify(summary)}`);
    }),
  rollout: ({ parallel }: { parallel: number }) =>
    spentOn(async () => {
      await act(startRollout, { parallel });
      await until(async () => {
        const { state } = await act(rolloutStatus, {});
        if (state === 'reverted') throw new Error('the rollout was reverted');
        return state === 'done';
      });
    }),
  /** Lets it be, for so long. */
  idle: async ({ seconds }: { seconds: number }) => {
    const spent = await spentOn(() => sleep(seconds * 1_000, clock, {}));
    return { ...spent, rss: process.memoryUsage().rss };
  },
  stop: () => started().daemon.stop(),
});

function started() {
  if (running === null) throw new Error('no daemon runs');
  return running;
}

async function act<Input, Output>(action: Action<Input, Output>, input: Partial<Input>): Promise<Output> {
  const caller = { actor: 'bench', role: 'admin' as const, devices: null };
  return (await perform(action, { input, caller, ports: started().daemon.ports })) as Output;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(LOOK_EVERY_MS, clock, {});
}

function fleetFile({ devices, settings: daemon }: DaemonInput, wanted: Wanted): string {
  const settings = Object.entries(wanted).map(([path, value]) => `    ${path}: ${value}`);
  const lines = devices.map(({ name, port }) => `  - { name: ${name}, host: "127.0.0.1:${port}" }`);
  return `version: 1
daemon:
  database: "sqlite:./roomd.db"
  listen: 127.0.0.1:0
${daemon.map((line) => `  ${line}\n`).join('')}rollout: { soak: 1s }
credentials:
  rooms: { username: ${LOGIN.username}, password: "\${env:PASSWORD}" }
defaults:
  credentials: rooms
  tls: insecure
${settings.length === 0 ? '' : `  configuration:\n${settings.join('\n')}\n`}devices:
${lines.join('\n')}
`;
}
