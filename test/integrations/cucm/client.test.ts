import { describe, expect, it } from 'vitest';
import { CucmError } from '../../../src/integrations/cucm/errors.ts';
import { Pace } from '../../../src/integrations/cucm/pace.ts';
import { paged } from '../../../src/integrations/cucm/paging.ts';
import { ManualClock } from '../../../src/lib/clock.ts';
import { seededRandom } from '../../../src/lib/random.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { seedPhones } from '../../../src/simulator/cloud/cucm-seed.ts';
import { CUCM_LOGIN, cucmFailure, cucmWorld } from '../../support/cucm.ts';

const world = cucmWorld();

async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

describe('the AXL client', () => {
  it('tells the version, lists phones page by page and finds one by its name', async () => {
    const standIn = await world.standIn();
    const { axl } = world.client(standIn, { pageRows: 10 });
    expect(await axl.getCCMVersion()).toBe('14.0.1.13900-155');
    const phones = await all(axl.listPhone({ name: 'SEP%' }));
    expect(phones.map(({ name }) => name)).toEqual(standIn.state.list().map(({ name }) => name));
    const [held] = standIn.state.list();
    expect(await axl.getPhone(phones[0]?.name ?? '')).toMatchObject({
      name: held?.name,
      product: held?.product,
      devicePool: held?.devicePoolName,
      location: held?.locationName,
    });
    expect(standIn.requests().filter(({ operation }) => operation === 'listPhone')).toHaveLength(4);
  });

  it('searches by device pool and tells where phones registered last', async () => {
    const standIn = await world.standIn();
    const { axl } = world.client(standIn);
    const oslo = await all(axl.listPhone({ devicePoolName: 'DP-Oslo' }));
    expect(oslo.length).toBeGreaterThan(0);
    expect(new Set(oslo.map(({ devicePool }) => devicePool))).toEqual(new Set(['DP-Oslo']));
    const registrations = await all(axl.listRegistrationDynamic('SEP%'));
    expect(registrations.map(({ lastKnownIpAddress }) => lastKnownIpAddress)).toEqual(
      standIn.state.list().map(({ ipAddress }) => ipAddress),
    );
  });

  it('asks for smaller pages where a query is too large, and loses no row', async () => {
    const standIn = await world.standIn({ settings: { mostRows: 9 } });
    const { axl } = world.client(standIn);
    expect(await all(axl.listPhone({ name: '%' }))).toHaveLength(25);
  });

  it('loses no row either where a page comes short', async () => {
    const standIn = await world.standIn();
    standIn.trouble({ kind: 'short-page', operation: 'listPhone', after: 1, times: 1 });
    const phones = await all(world.client(standIn, { pageRows: 10 }).axl.listPhone({ name: '%' }));
    expect(new Set(phones.map(({ name }) => name)).size).toBe(25);
  });

  it('reads a query page by page', async () => {
    const standIn = await world.standIn({ settings: { mostRows: 9 } });
    const { axl } = world.client(standIn);
    const rows = await all(axl.sqlPages('select d.name, d.description from device d order by d.name'));
    expect(rows.map(({ name }) => name)).toEqual(standIn.state.list().map(({ name }) => name));
    expect((await cucmFailure(axl.executeSQLQuery('drop table device'))).details['axlCode']).toBe('-201');
  });

  it('adds, changes and removes a phone, and follows such changes', async () => {
    const standIn = await world.standIn();
    const { axl } = world.client(standIn);
    const { next } = await axl.listChange(null);
    const fields = { name: 'SEPAABBCCDDEEFF', description: 'R&D <3rd>', product: 'Cisco Webex Desk Pro' };
    await axl.addPhone(fields);
    expect(standIn.state.phones.get('SEPAABBCCDDEEFF')).toMatchObject(fields);
    expect((await cucmFailure(axl.addPhone(fields))).code).toBe('duplicate');
    await axl.updatePhone('SEPAABBCCDDEEFF', { description: 'Lab' });
    expect((await axl.getPhone('SEPAABBCCDDEEFF')).description).toBe('Lab');
    await axl.removePhone('SEPAABBCCDDEEFF');
    expect((await cucmFailure(axl.getPhone('SEPAABBCCDDEEFF'))).code).toBe('not-found');
    const { changes } = await axl.listChange(next);
    expect(changes.map(({ action }) => action)).toEqual(['add', 'update', 'delete']);
  });

  it('asks nothing more after one refused login', async () => {
    const standIn = await world.standIn();
    const client = world.client(standIn, { password: new Secret('wrong') });
    const failures = await Promise.all([
      cucmFailure(client.axl.getCCMVersion()),
      cucmFailure(client.axl.getPhone('SEP1')),
      cucmFailure(client.ris.selectCmDeviceExt(['SEP1'])),
    ]);
    expect(failures.map(({ code }) => code)).toEqual(['unauthorized', 'unauthorized', 'unauthorized']);
    expect(standIn.requests()).toHaveLength(1);
    expect(failures[0]?.message).not.toContain(CUCM_LOGIN.password);
  });

  it('tells apart what is forbidden, unavailable, cut, lost, late, and of another version', async () => {
    const standIn = await world.standIn();
    const { axl } = world.client(standIn, { deadlineMs: 150 });
    for (const [kind, code] of [
      ['forbidden', 'forbidden'],
      ['unavailable', 'unavailable'],
      ['cut', 'malformed'],
      ['drop', 'unreachable'],
      ['slow', 'deadline'],
      ['memory', 'throttled'],
    ] as const) {
      standIn.trouble({ kind, times: 1, delayMs: 1_000 });
      expect([kind, (await cucmFailure(axl.getCCMVersion())).code]).toEqual([kind, code]);
    }
    const { axl: old } = world.client(standIn, { version: '13.0' });
    expect((await cucmFailure(old.getCCMVersion())).code).toBe('version-unsupported');
    const { axl: elsewhere } = world.client(standIn, { url: `${standIn.url}/proxy` });
    expect((await cucmFailure(elsewhere.getCCMVersion())).code).toBe('malformed');
  });

  it('sends nothing to a node whose certificate nobody vouches for', async () => {
    const standIn = await world.standIn();
    const { axl } = world.client(standIn, { tls: { mode: 'ca' } });
    expect((await cucmFailure(axl.getCCMVersion())).code).toBe('unreachable');
    expect(standIn.requests()).toEqual([]);
  });
});

describe('paging', () => {
  it('halves a page and waits where the memory is used up, and gives up after six tries', async () => {
    const clock = new ManualClock();
    const asked: number[] = [];
    const rows = all(
      paged(
        (_, first) => {
          asked.push(first);
          return Promise.reject(new CucmError('throttled', 'used up'));
        },
        { first: 20 },
        { clock, random: seededRandom(1) },
      ),
    );
    const failure = cucmFailure(rows);
    await clock.advance(120_000);
    expect((await failure).code).toBe('throttled');
    expect(asked).toEqual([20, 10, 5, 2, 1, 1]);
  });
});

describe('the RISPort70 client', () => {
  it('tells who is registered where, over several queries and pages', async () => {
    const phones = seedPhones({ seed: 3, videoEndpoints: 1_300 }).map((phone, at) => ({
      ...phone,
      node: at % 2 === 0 ? 'cucm-pub' : 'cucm-sub',
    }));
    const standIn = await world.standIn({ phones, settings: { risMostDevices: 400 } });
    const { ris } = world.client(standIn);
    const found = await ris.selectCmDeviceExt([...phones.map(({ name }) => name), 'SEP000000000000']);
    expect(found.size).toBe(1_300);
    expect(found.get(phones[1]?.name ?? '')).toMatchObject({
      ipAddress: phones[1]?.ipAddress,
      node: 'cucm-sub',
      isRegistered: true,
    });
    expect(standIn.requests()).toHaveLength(4);
  });

  it('keeps to fifteen requests in any minute', async () => {
    const clock = new ManualClock();
    const pace = new Pace({ perMinute: 15 }, { clock });
    const turns: number[] = [];
    for (let turn = 0; turn < 40; turn += 1) void pace.turn().then(() => turns.push(clock.monotonic()));
    await clock.advance(180_000);
    expect(
      [turns.filter((at) => at === 0), turns.filter((at) => at === 60_000)].map(({ length }) => length),
    ).toEqual([15, 15]);
    expect(turns).toHaveLength(40);
    pace.rest();
    let isOn = false;
    void pace.turn().then(() => (isOn = true));
    await clock.advance(59_000);
    expect(isOn).toBe(false);
    await clock.advance(1_000);
    expect(isOn).toBe(true);
  });

  it('is told in a sentence that the rate is used up by others', async () => {
    const standIn = await world.standIn();
    standIn.trouble({ kind: 'rate', times: 10 });
    const { ris } = world.client(standIn);
    const stop = new AbortController();
    const work = ris.selectCmDeviceExt(['SEP1'], { signal: stop.signal });
    while (standIn.requests().length === 0) await new Promise((resolve) => setImmediate(resolve));
    stop.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    expect(standIn.requests()).toEqual([{ operation: 'selectCmDeviceExt', status: 500 }]);
  });
});
