import { expect, it } from 'vitest';
import { ValueSpaceCache } from '../../src/fleet/value-space-cache.ts';
import type { Device, DeviceValueSpace } from '../../src/xapi/device.ts';
import { XapiError } from '../../src/xapi/errors.ts';
import { ToldDevice } from '../feedback/support.ts';
import { bent } from './world.ts';

type Spaces = ReadonlyMap<string, DeviceValueSpace>;

const IDENTITY = { serial: 'A', product: 'Codec', software: 'ce26', systemName: null };
const SPACES: Spaces = new Map([['OnOff', { space: null, hidden: false }]]);
const NOTHING: Spaces = new Map();

const device = (readValueSpaces: () => Promise<Spaces>): Device =>
  bent(new ToldDevice(1), { readValueSpaces });
const serving = device(() => Promise.resolve(SPACES));
const silent = device(() => Promise.reject(new XapiError('deadline', 'no answer')));

it('lets those who wait for a device that fails ask for themselves', async () => {
  const cache = new ValueSpaceCache();
  const answers = await Promise.all([silent, serving, silent].map((one) => cache.of(one, IDENTITY, {})));
  expect(answers).toEqual([NOTHING, SPACES, NOTHING]);
});

it('does not remember a failure, and remembers what was told', async () => {
  const cache = new ValueSpaceCache();
  expect(await cache.of(silent, IDENTITY, {})).toEqual(NOTHING);
  expect(await cache.of(serving, IDENTITY, {})).toEqual(SPACES);
  expect(await cache.of(silent, IDENTITY, {})).toEqual(SPACES);
  expect(await cache.of(silent, { ...IDENTITY, software: 'ce9' }, {})).toEqual(NOTHING);
});

it('frees a caller who gives up while the others wait on', async () => {
  const cache = new ValueSpaceCache();
  const answers: ((spaces: Spaces) => void)[] = [];
  const slow = device(
    () =>
      new Promise((resolve) => {
        answers.push(resolve);
      }),
  );
  const giving = new AbortController();
  const first = cache.of(slow, IDENTITY, { signal: giving.signal });
  const second = cache.of(serving, IDENTITY, {});
  giving.abort(new Error('called off'));
  await expect(first).rejects.toThrow('called off');
  for (const answer of answers) answer(SPACES);
  expect(await second).toEqual(SPACES);
});
