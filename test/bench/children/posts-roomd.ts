import { Live } from '../../../src/feedback/live.ts';
import { Projector } from '../../../src/feedback/projector.ts';
import { Receiver } from '../../../src/feedback/receiver.ts';
import { Recorder } from '../../../src/feedback/recorder.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { newRegistry } from '../../../src/lib/metrics.ts';
import type { Database } from '../../../src/storage/database.ts';
import { openDatabase } from '../../../src/storage/open-database.ts';
import { ToldDevice } from '../../feedback/support.ts';
import { SERIAL, tokenOf } from '../post-bodies.ts';
import { type Spent, startMeter } from '../spent.ts';
import { settledMemory } from './memory.ts';
import { answerParent } from './parent.ts';

/** The receiver with the recorder behind it, as the daemon joins them. */

const clock = systemClock();
let end: () => Spent & { commits: number } = () => ({ cpuMs: 0, wallMs: 0, commits: 0 });
let stop: () => Promise<void> = async () => undefined;
let commits: () => number = () => 0;

answerParent({
  start: async ({ path, devices, projects }: { path: string; devices: number; projects: boolean }) => {
    const database = await openDatabase({ path, clock, logger: silentLogger });
    commits = countCommits(database);
    const recorder = new Recorder(
      { slotTrustMs: 60_000, onDoubt: () => undefined },
      { database, clock, live: new Live(), logger: silentLogger },
    );
    const ids = Array.from({ length: devices }, (_, at) => at + 1);
    for (const id of ids) recorder.watch(new ToldDevice(id), ['/Status/RoomAnalytics', '/Status/Call']);
    if (projects) await new Projector({}, { database, clock, logger: silentLogger }).start();
    const receiver = new Receiver(
      { listen: '127.0.0.1:0', tls: null },
      { sink: recorder, serialOf: () => SERIAL, registry: newRegistry(), clock, logger: silentLogger },
    );
    receiver.reload(ids.map((deviceId) => ({ deviceId, token: tokenOf(deviceId) })));
    await receiver.start();
    stop = async () => {
      await receiver.stop();
      await database.close();
    };
    return receiver.address()?.port;
  },
  begin: () => {
    const meter = startMeter();
    const before = commits();
    end = () => ({ ...meter(), commits: commits() - before });
  },
  end: () => end(),
  memory: settledMemory,
  stop: () => stop(),
});

/** All writes of one commit are told in one turn of the loop, and two commits never in the same. */
function countCommits(database: Database): () => number {
  let count = 0;
  let isTold = false;
  database.eventFeed.onAppended(() => {
    if (isTold) return;
    isTold = true;
    count += 1;
    setImmediate(() => {
      isTold = false;
    });
  });
  return () => count;
}
