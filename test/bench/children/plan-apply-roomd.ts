import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Lone, openLone } from '../../../src/daemon/lone.ts';
import { loadFleet } from '../../../src/fleet/load.ts';
import { formatProblem } from '../../../src/fleet/problem.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { seededRandom, uuidv7 } from '../../../src/lib/random.ts';
import { LOGIN } from '../login.ts';
import { spentOn } from '../spent.ts';
import { answerParent } from './parent.ts';

/** What `roomd plan` and `roomd apply --yes` do, on a database that lasts over the rounds. */

interface Round {
  readonly devices: readonly { readonly name: string; readonly port: number }[];
  readonly wanted: Readonly<Record<string, string>>;
  readonly folder: string;
}

const clock = systemClock();
const modules = {
  clock,
  random: seededRandom(7),
  newId: uuidv7(clock),
  logger: silentLogger,
  version: 'bench',
};
let lone: Lone | null = null;

answerParent({
  open: async (round: Round) => {
    const file = join(round.folder, 'fleet.yaml');
    await writeFile(file, fleetFile(round));
    const { fleet, problems } = await loadFleet(file, {
      secrets: { env: () => LOGIN.password, readFile: () => Promise.reject(new Error('there are no files')) },
      sections: [],
    });
    if (fleet === null) throw new Error(problems.map(formatProblem).join('\n'));
    lone = await openLone(fleet, { besideDaemon: false }, modules);
  },
  work: async () => {
    const { ports } = opened();
    const { devices } = ports.fleet();
    const plan = await spentOn(async () => {
      const { summary } = await ports.plan(devices, {});
      expect('changes planned', summary.changes, devices.length * 6);
    });
    const apply = await spentOn(async () => {
      const { summary } = await ports.apply(devices, { actor: 'bench', force: false }, {});
      expect('changes proven', summary.accepted, devices.length * 6);
    });
    return { plan, apply };
  },
  close: () =>
    spentOn(async () => {
      await opened().close();
      lone = null;
    }),
});

function opened(): Lone {
  if (lone === null) throw new Error('no fleet is open');
  return lone;
}

function expect(what: string, got: number, wanted: number): void {
  if (got !== wanted) throw new Error(`${got} ${what} where ${wanted} were expected`);
}

function fleetFile({ devices, wanted }: Round): string {
  const settings = Object.entries(wanted).map(([path, value]) => `    ${path}: ${value}`);
  const lines = devices.map(({ name, port }) => `  - { name: ${name}, host: "127.0.0.1:${port}" }`);
  return `version: 1
daemon: { database: "sqlite:./roomd.db" }
credentials:
  rooms: { username: ${LOGIN.username}, password: "\${env:PASSWORD}" }
defaults:
  credentials: rooms
  tls: insecure
  configuration:
${settings.join('\n')}
devices:
${lines.join('\n')}
`;
}
