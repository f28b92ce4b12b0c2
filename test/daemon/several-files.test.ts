import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listDevices } from '../../src/actions/devices.ts';
import { system } from '../../src/actions/system.ts';
import { eventually, fleetText, runDaemon, simulated, temporaryFolder } from '../support/world.ts';

describe('A fleet of several files', () => {
  test('is taken over when any of them changes, and started in safe mode when one is broken by then', async () => {
    const simulator = await simulated([{ name: 'hall' }, { name: 'lobby' }]);
    const [hall, lobby] = simulator.devices;
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sites'));
    writeFileSync(join(folder, 'sites/oslo.yaml'), site([hall]));
    const text = fleetText({ devices: [] }).replace('devices:\n', 'include: [sites/*.yaml]\n');
    const first = await runDaemon(text, { folder });
    const names = async () => (await first.act(listDevices)).items.map(({ name }) => name);
    expect(await names()).toEqual(['hall']);

    writeFileSync(join(folder, 'sites/bergen.yaml'), site([lobby]));
    await eventually(async () => expect(await names()).toEqual(['hall', 'lobby']), 8_000);
    writeFileSync(join(folder, 'sites/oslo.yaml'), 'devices: [');
    await eventually(async () => expect((await first.act(system)).fileProblems).not.toEqual([]), 8_000);
    expect(await names()).toEqual(['hall', 'lobby']);
    expect((await first.get('/readyz')).status).toBe(200);
    expect(await (await first.get('/healthz')).json()).toMatchObject({ ok: false });
    await first.daemon.stop();

    rmSync(join(folder, 'sites/bergen.yaml'));
    const second = await runDaemon(text, { folder });
    expect(await second.act(system)).toMatchObject({ safeMode: true, mode: 'observe' });
    expect((await second.act(listDevices)).items.map(({ name }) => name)).toEqual(['hall', 'lobby']);
    writeFileSync(join(folder, 'sites/oslo.yaml'), site([hall]));
    await eventually(async () => expect(await second.act(system)).toMatchObject({ safeMode: false }), 8_000);
    expect((await second.act(listDevices)).items.map(({ name }) => name)).toEqual(['hall']);
  }, 30_000);
});

function site(devices: readonly ({ name: string; port: number } | undefined)[]): string {
  const lines = devices.map((one) => `  - { name: ${one?.name}, host: "127.0.0.1:${one?.port}" }`);
  return `devices:\n${lines.join('\n')}\n`;
}
