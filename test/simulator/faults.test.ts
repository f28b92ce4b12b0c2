import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import { ask, connectRpc, get, simulate, until } from './support.ts';

/** The fingerprint a client meets. */
function fingerprintAt(device: SimulatedDevice): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port: device.port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

function tcpOutcome(device: SimulatedDevice): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: '127.0.0.1', port: device.port }, () => {
      socket.destroy();
      resolve('connected');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
  });
}

async function answersWithin(device: SimulatedDevice, ms: number): Promise<boolean> {
  const answered = get(device, '/getxml?location=/Status/Audio').then(
    () => true,
    () => true,
  );
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ms));
  return Promise.race([answered, late]);
}

describe('certificates', () => {
  it('are each device’s own and are the ones it names', async () => {
    const { simulator } = await simulate({ devices: [{}, {}] });
    const met = await Promise.all(simulator.devices.map(fingerprintAt));
    expect(met).toEqual(simulator.devices.map(({ fingerprint256 }) => fingerprint256));
    expect(new Set(met).size).toBe(2);
    expect(met[0]).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });

  it('change by the fault, and every connection is cut', async () => {
    const { device } = await simulate();
    const client = await connectRpc(device);
    const before = await fingerprintAt(device);
    device.fault('certificate', null);
    await until(() => client.socket.readyState === client.socket.CLOSED);
    expect(await fingerprintAt(device)).not.toBe(before);
    expect(await fingerprintAt(device)).toBe(device.fingerprint256);
  });
});

describe('faults', () => {
  it('drop cuts sockets and those that come while it lasts', async () => {
    const { device } = await simulate();
    const client = await connectRpc(device);
    device.fault('drop', 0.2);
    await until(() => client.socket.readyState === client.socket.CLOSED);
    await expect(get(device, '/status.xml')).rejects.toThrow(/ECONNRESET|closed|disconnected/);
    await until(() => device.faults.list().length === 0);
    expect((await get(device, '/status.xml')).status).toBe(200);
  });

  it('half-open leaves sockets standing and answers nothing, not even a ping or a handshake', async () => {
    const { device } = await simulate();
    const client = await connectRpc(device);
    await client.result('xFeedback/Subscribe', { Query: ['Status', 'Audio'] });
    device.fault('half-open', null);
    let heard = 0;
    for (const word of ['pong', 'message', 'close']) client.socket.on(word, () => (heard += 1));
    client.socket.ping();
    void client.call('xGet', { Path: ['Status', 'Audio', 'Volume'] });
    device.state.command('Audio.Volume.Set', { Level: '3' });
    expect(await answersWithin(device, 150)).toBe(false);
    expect(heard).toBe(0);
    device.clearFault('half-open');
    await until(() => client.socket.readyState === client.socket.CLOSED);
    expect((await get(device, '/status.xml')).status).toBe(200);
  });

  it('garbage comes before the right answer', async () => {
    const { device } = await simulate();
    const client = await connectRpc(device);
    device.fault('garbage', null);
    expect(await client.result('xGet', { Path: ['Status', 'Audio', 'Volume'] })).toBe(50);
    expect(client.frames.filter((frame) => frame === 'null').length).toBeGreaterThanOrEqual(2);
  });

  it('malformed breaks documents, unavailable turns everything away', async () => {
    const { device } = await simulate();
    device.fault('malformed', null);
    const broken = await get(device, '/status.xml');
    expect(broken.status).toBe(200);
    expect(broken.text).not.toContain('</Status>\n\n');
    expect(broken.text.endsWith('</Status>\n')).toBe(false);
    device.fault('unavailable', null);
    expect((await get(device, '/status.xml')).status).toBe(503);
    expect((await ask(device, 'POST', '/xmlapi/session/begin')).status).toBe(503);
    await expect(connectRpc(device)).rejects.toThrow('503');
  });

  it('latency and slow hold answers back on both transports', async () => {
    const { device } = await simulate({ settings: { faultLatencyMs: 60, faultSlowMs: 5_000 } });
    const client = await connectRpc(device);
    device.fault('latency', null);
    const started = performance.now();
    await client.result('xGet', { Path: ['Status', 'Audio', 'Volume'] });
    await get(device, '/status.xml');
    expect(performance.now() - started).toBeGreaterThan(110);
    device.fault('slow', null);
    expect(await answersWithin(device, 150)).toBe(false);
  });

  it('clock and serial change what the device says of itself', async () => {
    const { device } = await simulate({ settings: { faultClockSkewMs: 7_200_000 } });
    const { serial } = device;
    device.fault('clock', null);
    const ahead = Date.parse(String(device.state.status('Time.SystemTime'))) - Date.now();
    expect(ahead).toBeGreaterThan(7_100_000);
    device.fault('serial', 0.05);
    expect(device.serial).not.toBe(serial);
    expect((await get(device, '/status.xml')).text).toContain(
      `<SerialNumber>${device.serial}</SerialNumber>`,
    );
    await until(() => device.serial === serial);
  });

  it('offline refuses connections, from the start where asked', async () => {
    const { device } = await simulate({ devices: [{ offline: true }] });
    expect(await tcpOutcome(device)).toBe('ECONNREFUSED');
    device.clearFault('offline');
    await until(() => device.faults.list().length === 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await tcpOutcome(device)).toBe('connected');
  });
});

describe('a reboot', () => {
  it('tells, drops every socket and session, refuses for a while and comes back', async () => {
    for (const [rebootCloseCode, code] of [
      [1006, 1006],
      [1001, 1001],
    ] as const) {
      const { device } = await simulate({ settings: { rebootMs: 150, rebootCloseCode } });
      const client = await connectRpc(device);
      await client.result('xFeedback/Subscribe', { Query: ['Event', 'BootEvent'] });
      await ask(device, 'POST', '/xmlapi/session/begin');
      let closedWith = 0;
      client.socket.on('close', (met) => (closedWith = met));
      expect(await client.result('xCommand/SystemUnit/Boot')).toEqual({ status: 'OK' });
      await until(() => closedWith !== 0);
      expect(closedWith).toBe(code);
      expect(client.events).toEqual([{ Id: 1, Event: { BootEvent: { Action: 'Restart' } } }]);
      expect(await tcpOutcome(device)).toBe('ECONNREFUSED');
      await until(() => device.state.isOn);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect((await get(device, '/status.xml')).text).toContain('<Uptime>0</Uptime>');
      expect(device.state.sessions.list()).toEqual([]);
    }
  });
});
