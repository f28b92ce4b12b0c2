// Measures roomd against floors that do the same I/O: npm run bench -- [name] [--rounds N] [--small] [--profile DIR]
// docs/benchmarks.md says what each ratio means. It measures dist, so build first (npm run bench does).
import '../test/bench/on-dist.mjs';

const { bench } = await import('../test/bench/bench.ts');
process.exitCode = await bench(process.argv.slice(2), {
  out: (line) => console.log(line),
  fixtures: process.env.ROOMD_FIXTURES,
});
