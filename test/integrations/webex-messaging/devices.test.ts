import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { cloudDevice } from '../../support/webex-devices.ts';
import { ADA, clientOf, collect, failureOf, standInFor } from './world.ts';

const many = Array.from({ length: 230 }, (_, at) => cloudDevice(at + 1));
const ada = { token: new Secret('ada-token') };

describe('devices of the cloud', () => {
  it.each([true, false])('come page by page, with Links to the next: %s', async (linksDevicePages) => {
    const standIn = await standInFor({ devices: many, linksDevicePages });
    const { devices } = clientOf(standIn, ada);
    expect((await collect(devices.list())).map(({ id }) => id)).toEqual(many.map(({ id }) => id));
    expect(standIn.requests()).toHaveLength(3);
    expect(await devices.get('device-7')).toMatchObject({ serial: 'FOC00000007', ip: '127.9.1.7' });
  });

  it('are as many as there are where the last page is full, or there is none', async () => {
    for (const count of [0, 100, 200]) {
      const standIn = await standInFor({ devices: many.slice(0, count) });
      expect(await collect(clientOf(standIn, ada).devices.list())).toHaveLength(count);
    }
  });

  it('are asked for by what the service filters by, and only by who may', async () => {
    const standIn = await standInFor({
      devices: [
        cloudDevice(1),
        cloudDevice(2, { type: 'phone' }),
        cloudDevice(3, { tags: ['meeting', 'oslo'] }),
        cloudDevice(4, { product: 'Cisco Room Bar', locationId: 'elsewhere' }),
      ],
      tokens: { 'ada-token': ADA, 'poor-token': { ...ADA, personId: 'poor' } },
      scopes: { 'poor-token': ['spark:all'] },
    });
    const { devices } = clientOf(standIn, ada);
    const ids = async (query: Parameters<typeof devices.list>[0]) =>
      (await collect(devices.list(query))).map(({ id }) => id);
    expect(await ids({ type: 'roomdesk' })).toEqual(['device-1', 'device-3', 'device-4']);
    expect(await ids({ tag: ['oslo', 'meeting'] })).toEqual(['device-3']);
    expect(await ids({ product: 'Cisco Room Bar', locationId: 'elsewhere' })).toEqual(['device-4']);
    expect(await ids({ serial: 'FOC00000001' })).toEqual(['device-1']);
    const poor = clientOf(standIn, { token: new Secret('poor-token') });
    expect((await failureOf(collect(poor.devices.list()))).code).toBe('forbidden');
  });
});
