import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    execArgv: ['--import', new URL('test/support/typescript-in-workers.mjs', import.meta.url).pathname],
    testTimeout: 15_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
