import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    execArgv: ['--import', new URL('test/support/typescript-in-workers.mjs', import.meta.url).pathname],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 3,
    // Modules hold no state of their own, so the files of a worker share them: a third of the time goes into loading.
    isolate: false,
  },
});
