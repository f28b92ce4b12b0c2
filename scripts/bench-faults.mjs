// Does to roomd what happens in the world, one line each: npm run bench:faults -- [WORD] [--kills N] [--small]
// It tries dist, so build first (npm run bench:faults does).
import '../test/bench/on-dist.mjs';

const { benchFaults } = await import('../test/bench/faults/all.ts');
process.exitCode = await benchFaults(process.argv.slice(2), (line) => console.log(line));
