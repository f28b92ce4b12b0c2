import { expect, it } from 'vitest';
import { type Part, startAll, stopAll } from '../../src/lib/lifecycle.ts';

function parts(told: string[], failing: { start?: string; stop?: string } = {}): Part[] {
  return ['a', 'b', 'c'].map((name) => ({
    name,
    start() {
      told.push(`start ${name}`);
      return name === failing.start ? Promise.reject(new Error(`${name} fails`)) : Promise.resolve();
    },
    stop() {
      told.push(`stop ${name}`);
      return name === failing.stop ? Promise.reject(new Error(`${name} hangs`)) : Promise.resolve();
    },
  }));
}

const signal = new AbortController().signal;

it('starts in order and stops in reverse, each whatever the others do', async () => {
  const told: string[] = [];
  const all = parts(told, { stop: 'b' });
  await startAll(all, signal);
  expect(await stopAll(all)).toEqual([new Error('b hangs')]);
  expect(told).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
});

it('stops what has started, and what failed to, when one does not start', async () => {
  const told: string[] = [];
  await expect(startAll(parts(told, { start: 'b' }), signal)).rejects.toThrow('b fails');
  expect(told).toEqual(['start a', 'start b', 'stop b', 'stop a']);
});

it('starts nothing more once it is called off', async () => {
  const told: string[] = [];
  await expect(startAll(parts(told), AbortSignal.abort(new Error('called off')))).rejects.toThrow(
    'called off',
  );
  expect(told).not.toContain('start a');
});
