import { expect, onTestFinished, test } from 'vitest';
import { ManagedStore } from '../../src/fleet/managed-store.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import { addDevices } from '../feedback/support.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const HELP = { deviceId: 1, kind: 'ui-panel', key: 'help' };

async function store(): Promise<ManagedStore> {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  await addDevices(database, 2);
  return new ManagedStore({ database, clock: new ManualClock(1_000) });
}

test('a thing is roomd’s once a put succeeded, and stays so while the next one is under way', async () => {
  const managed = await store();
  await managed.begin(HELP);
  expect([...(await managed.load(1, 'ui-panel')).values()]).toEqual([
    { key: 'help', digest: '', isOurs: false },
  ]);
  await managed.done(HELP, 'first');
  expect((await managed.load(1, 'ui-panel')).get('help')).toEqual({
    key: 'help',
    digest: 'first',
    isOurs: true,
  });
  await managed.begin(HELP);
  expect((await managed.load(1, 'ui-panel')).get('help')).toEqual({ key: 'help', digest: '', isOurs: true });
  await managed.refused(HELP);
  expect((await managed.load(1, 'ui-panel')).get('help')?.isOurs).toBe(true);
});

test('a first put that is refused leaves nothing on record', async () => {
  const managed = await store();
  await managed.begin(HELP);
  await managed.refused(HELP);
  expect(await managed.load(1, 'ui-panel')).toEqual(new Map());
});

test('what is gone, and what stood on a unit that was replaced, is forgotten; nothing else is', async () => {
  const managed = await store();
  const all = [HELP, { ...HELP, key: 'lights' }, { ...HELP, kind: 'branding' }, { ...HELP, deviceId: 2 }];
  for (const one of all) {
    await managed.begin(one);
    await managed.done(one, 'x');
  }
  await managed.gone(1, 'ui-panel', ['help']);
  expect([...(await managed.load(1, 'ui-panel')).keys()]).toEqual(['lights']);
  await managed.forget(1);
  expect(await managed.load(1, 'ui-panel')).toEqual(new Map());
  expect(await managed.load(1, 'branding')).toEqual(new Map());
  expect([...(await managed.load(2, 'ui-panel')).keys()]).toEqual(['help']);
});
