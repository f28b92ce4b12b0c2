import { parseArgs } from 'node:util';
import { CALENDAR_FAULTS } from './calendars.ts';
import { daemonFaults } from './daemons.ts';
import { DEVICE_FAULTS } from './devices.ts';
import { tryFault } from './fault.ts';
import { NETWORK_FAULTS } from './networks.ts';
import { POST_FAULTS } from './posts.ts';
import { processFaults } from './processes.ts';
import { TIME_FAULTS } from './times.ts';

/** Tries every fault, or those whose name holds a word. @returns the exit code: 1 where something else was seen, 2 for bad usage */
export async function benchFaults(args: readonly string[], out: (line: string) => void): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { kills: { type: 'string' }, small: { type: 'boolean', default: false } },
  });
  const kills = Number(values.kills ?? (values.small ? 3 : 50));
  const options = { kills, stopSeconds: values.small ? 12 : 60, lockSeconds: values.small ? 3 : 30 };
  const faults = [
    ...POST_FAULTS,
    ...processFaults(options),
    ...daemonFaults(options),
    ...TIME_FAULTS,
    ...CALENDAR_FAULTS,
    ...NETWORK_FAULTS,
    ...DEVICE_FAULTS,
  ];
  const chosen = faults.filter(({ fault }) => positionals.every((word) => fault.includes(word)));
  if (!Number.isInteger(kills) || kills < 1 || chosen.length === 0) {
    out('usage: npm run bench:faults -- [WORD] [--kills N] [--small]');
    return 2;
  }
  out('fault | expected | seen | ok');
  let failures = 0;
  for (const fault of chosen) {
    const { line, isOk } = await tryFault(fault);
    out(line);
    if (!isOk) failures += 1;
  }
  out(`faults: ${chosen.length} tried, ${failures} not as expected`);
  return failures === 0 ? 0 : 1;
}
