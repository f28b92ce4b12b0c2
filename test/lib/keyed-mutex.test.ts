import { expect, it } from 'vitest';
import { KeyedMutex } from '../../src/lib/keyed-mutex.ts';

it('runs one at a time for a key in the order of asking, others beside it, and goes on after a failure', async () => {
  const mutex = new KeyedMutex();
  const told: string[] = [];
  const work =
    (name: string, fails = false) =>
    async (): Promise<string> => {
      told.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      told.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
  const results = await Promise.allSettled([
    mutex.run('a', work('a1', true)),
    mutex.run('a', work('a2')),
    mutex.run('b', work('b1')),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(told.indexOf('a2 begins')).toBeGreaterThan(told.indexOf('a1 ends'));
  expect(told.indexOf('b1 begins')).toBeLessThan(told.indexOf('a1 ends'));
});
