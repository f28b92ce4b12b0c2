import { parseArgs } from 'node:util';
import { type Fault, tryFault } from './fault.ts';
import { NETWORK_FAULTS } from './networks.ts';
import { POST_FAULTS } from './posts.ts';
import { PROCESS_FAULTS } from './processes.ts';
import { TIME_FAULTS } from './times.ts';

const FAULTS: readonly Fault[] = [...POST_FAULTS, ...PROCESS_FAULTS, ...TIME_FAULTS, ...NETWORK_FAULTS];

/** Tries every fault, or those whose name holds a word. @returns the exit code: 1 where something else was seen, 2 for bad usage */
export async function benchFaults(args: readonly string[], out: (line: string) => void): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { kills: { type: 'string' }, small: { type: 'boolean', default: false } },
  });
  const kills = Number(values.kills ?? (values.small ? 3 : 50));
  const chosen = FAULTS.filter(({ fault }) => positionals.every((word) => fault.includes(word)));
  if (!Number.isInteger(kills) || kills < 1 || chosen.length === 0) {
    out('usage: npm run bench:faults -- [WORD] [--kills N] [--small]');
    return 2;
  }
  out('fault | expected | seen | ok');
  let failures = 0;
  for (const fault of chosen) {
    const { line, isOk } = await tryFault(fault, { kills });
    out(line);
    if (!isOk) failures += 1;
  }
  out(`faults: ${chosen.length} tried, ${failures} not as expected`);
  return failures === 0 ? 0 : 1;
}
