import { Live } from '../../../src/feedback/live.ts';
import { Receiver } from '../../../src/feedback/receiver.ts';
import { Recorder } from '../../../src/feedback/recorder.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { newRegistry } from '../../../src/lib/metrics.ts';
import { openDatabase } from '../../../src/storage/open-database.ts';
import { addDevices } from '../support.ts';

/** Receives posts of devices 1 to 20 (tokens `token-1`, …) until it is killed; says its port. */
const clock = systemClock();
const database = await openDatabase({ path: process.argv[2] ?? '', clock, logger: silentLogger });
await addDevices(database, 20);
const sink = new Recorder(
  { slotTrustMs: 60_000, onDoubt: () => undefined },
  { database, clock, live: new Live(), logger: silentLogger },
);
const receiver = new Receiver(
  { listen: '127.0.0.1:0', tls: null },
  { sink, serialOf: () => null, registry: newRegistry(), clock, logger: silentLogger },
);
receiver.reload(Array.from({ length: 20 }, (_, at) => ({ deviceId: at + 1, token: `token-${at + 1}` })));
await receiver.start();
process.stdout.write(`${receiver.address()?.port}\n`);
