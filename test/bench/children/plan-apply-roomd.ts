import { type Lone, openLone } from '../../../src/daemon/lone.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { seededRandom, uuidv7 } from '../../../src/lib/random.ts';
import { type BenchFleet, writeFleet } from '../fleet-file.ts';
import { spentOn } from '../spent.ts';
import { answerParent } from './parent.ts';

/** What `roomd plan` and `roomd apply --yes` do, on a database that lasts over the rounds. */

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
  open: async (round: BenchFleet) => {
    lone = await openLone(await writeFleet(round), { besideDaemon: false }, modules);
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
