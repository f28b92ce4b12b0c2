import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { openDatabase } from '../../../src/storage/open-database.ts';

/** Writes facts without end from twenty sides and says the name of each that was acknowledged. */
const database = await openDatabase({
  path: process.argv[2] ?? '',
  clock: systemClock(),
  logger: silentLogger,
});

async function writeOn(side: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    const name = `${side}-${n}`;
    await database.write([database.query.insertInto('fact').values({ name, value: '' })]);
    process.stdout.write(`${name}\n`);
  }
}

await Promise.all(Array.from({ length: 20 }, (_, side) => writeOn(side)));
