import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listDevices } from '../../src/actions/devices.ts';
import { lookBeforeTrust, trust } from '../../src/actions/trust.ts';
import { createFileToken } from '../../src/fleet/access/token.ts';
import type { SimulatedDeviceSpec } from '../../src/simulator/server.ts';
import { eventually, fleetText, runDaemon, simulated, temporaryFolder } from '../support/world.ts';
import { line } from './command-line.ts';

async function folderOf(specs: readonly Partial<SimulatedDeviceSpec>[]) {
  const simulator = await simulated(specs);
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'fleet.yaml'), fleetText({ devices: simulator.devices }));
  return { simulator, cwd };
}

describe('roomd trust', { timeout: 60_000 }, () => {
  test('shows both certificates by a handshake without a login, asks, and pins the one that it showed', async () => {
    const { simulator, cwd } = await folderOf([{ name: 'hall' }]);
    const hall = simulator.device('hall');
    await line(['plan'], { cwd });
    const before = hall.fingerprint256;
    hall.fault('certificate', null);
    const after = hall.fingerprint256;
    const requests = [...hall.counters.requests];

    const no = await line(['trust', 'hall', '--certificate'], { cwd, answer: false });
    expect([no.code, no.out]).toEqual([3, expect.stringContaining('Nothing was accepted.')]);
    const [recorded = '', shown = ''] = no.out.split('Shown now:');
    for (const [part, fingerprint] of [
      [recorded, before],
      [shown, after],
    ]) {
      expect(part).toContain(fingerprint);
      expect(part).toMatch(/subject +CN=/);
      expect(part).toMatch(/issuer +CN=.* \(signed by itself\)/);
      expect(part).toMatch(/valid +\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d/);
      expect(part).toMatch(/key +EC P-256/);
    }
    expect((await line(['plan'], { cwd })).code).toBe(1);

    expect((await line(['trust', 'hall', '--certificate'], { cwd, answer: true })).code).toBe(0);
    expect([...hall.counters.requests]).toEqual(requests);
    expect((await line(['plan'], { cwd })).code).toBe(0);
    const again = await line(['trust', 'hall', '--certificate'], { cwd, answer: true });
    expect([again.code, again.out]).toEqual([0, expect.stringContaining('There is nothing to accept.')]);
  });

  test('with a fingerprint asks nothing, and takes no other certificate than that', async () => {
    const { simulator, cwd } = await folderOf([{ name: 'hall' }]);
    const hall = simulator.device('hall');
    await line(['plan'], { cwd });
    hall.fault('certificate', null);
    const expected = hall.fingerprint256;
    hall.fault('certificate', null);
    hall.clearFault('certificate');
    const other = await line(['trust', 'hall', '--certificate', `SHA256:${expected}`], { cwd });
    expect([other.code, other.err]).toEqual([
      1,
      expect.stringContaining(`not ${expected}: nothing was accepted`),
    ]);
    expect((await line(['plan'], { cwd })).code).toBe(1);
    const plain = hall.fingerprint256.replaceAll(':', '').toLowerCase();
    expect((await line(['trust', 'hall', '--certificate', plain], { cwd })).code).toBe(0);
    expect((await line(['plan'], { cwd })).code).toBe(0);
  });

  test('leaves a certificate alone that the file itself gives, or that an authority vouches for', async () => {
    const { simulator, cwd } = await folderOf([{ name: 'hall' }]);
    const [hall] = simulator.devices;
    for (const [tls, sentence] of [
      [`{ pin: "SHA256:${'AB'.repeat(32)}" }`, /the file itself gives the certificate/],
      ['insecure', /"tls: insecure"/],
    ] as const) {
      const text = fleetText({ devices: hall === undefined ? [] : [hall] });
      writeFileSync(
        join(cwd, 'fleet.yaml'),
        text.replace('  credentials: rooms\n', `  credentials: rooms\n  tls: ${tls}\n`),
      );
      const { code, err } = await line(['trust', 'hall', '--certificate', '--yes'], { cwd });
      expect([code, err]).toEqual([1, expect.stringMatching(sentence)]);
    }
  });

  test('shows who is on record and who answers, and binds to who answers', async () => {
    const { simulator, cwd } = await folderOf([{ name: 'hall' }]);
    const hall = simulator.device('hall');
    await line(['plan'], { cwd });
    const before = hall.serial;
    hall.fault('serial', null);
    const no = await line(['trust', 'hall', '--serial'], { cwd, answer: false });
    expect([no.code, no.out]).toEqual([
      3,
      expect.stringMatching(new RegExp(`On record: ${before}, .*\nAnswers now: ${hall.serial}, `)),
    ]);
    const other = await line(['trust', 'hall', '--serial', 'FOC0'], { cwd });
    expect([other.code, other.err]).toEqual([1, expect.stringContaining('not FOC0: nothing was accepted')]);
    expect((await line(['trust', 'hall', '--serial', hall.serial], { cwd })).code).toBe(0);
    expect((await line(['plan'], { cwd })).code).toBe(0);
  });

  test('tells of a device that is off, and accepts nothing', async () => {
    const { cwd } = await folderOf([{ name: 'hall', offline: true }]);
    for (const what of ['--certificate', '--serial']) {
      const { code, out } = await line(['trust', 'hall', what, '--yes'], { cwd });
      expect([what, code, out]).toEqual([what, 1, expect.stringContaining('refused')]);
    }
  });
});

describe('The verbs behind it', { timeout: 30_000 }, () => {
  test('look, then accept what was shown: a fingerprint that no longer matches is a conflict', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const hall = simulator.device('hall');
    const { token, entry } = await createFileToken('anna', 'admin');
    const tokens = `  tokens: [{ name: anna, role: admin, hash: "${entry.hash}" }]`;
    const { act, post } = await runDaemon(fleetText({ devices: simulator.devices, daemon: tokens }));
    const state = async () => (await act(listDevices)).items[0]?.session.state;
    await eventually(async () => expect(await state()).toBe('up'));
    const before = hall.fingerprint256;
    hall.fault('certificate', null);
    await eventually(async () => expect(await state()).toBe('certificate-changed'));

    const look = await act(lookBeforeTrust, { name: 'hall' });
    expect(look.certificate).toMatchObject({
      isSame: false,
      recorded: { fingerprint256: before, subject: expect.stringContaining('CN='), key: 'EC P-256' },
      shown: { fingerprint256: hall.fingerprint256 },
    });
    const accepted = look.certificate?.shown?.fingerprint256;
    hall.clearFault('certificate');
    const admin = { authorization: `Bearer ${token}` };
    const late = await post('/api/v1/devices/hall/trust', { certificate: accepted }, admin);
    expect([late.status, await late.json()]).toEqual([409, expect.objectContaining({ code: 'conflict' })]);
    const blind = await post('/api/v1/devices/hall/trust', { certificate: true }, admin);
    expect(blind.status).toBe(400);

    await act(trust, { name: 'hall', certificate: hall.fingerprint256 });
    await eventually(async () => expect(await state()).toBe('up'));
    const again = await act(lookBeforeTrust, { name: 'hall' });
    expect(again.certificate).toMatchObject({ isSame: true });
  });
});
