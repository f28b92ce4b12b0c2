import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listAlerts } from '../../src/actions/alerts.ts';
import { listCalls } from '../../src/actions/calls.ts';
import { listDevices } from '../../src/actions/devices.ts';
import { doctor } from '../../src/actions/doctor.ts';
import { listSensors } from '../../src/actions/sensors.ts';
import { readEvents } from '../../src/storage/events.ts';
import { eventually, fleetText, freePort, runDaemon, simulated } from '../support/world.ts';

/** A way from the devices to the receiver that can be cut. */
async function way(to: number) {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server = createServer((near) => {
    if (!isOpen) {
      near.destroy();
      return;
    }
    const far = connect(to, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined).on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    isOpen = false;
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, cut, open: () => (isOpen = true) };
}

async function world() {
  const simulator = await simulated([{ name: 'hall' }]);
  const feedbackPort = await freePort();
  const between = await way(feedbackPort);
  const text = fleetText({
    devices: simulator.devices,
    mode: 'enforce',
    feedbackPort,
    timing:
      '{ sweep: 60m, drift: 60m, slotCheck: 1s, connect: 2s, request: 3s, ping: 1s, retryFirst: 100ms, retryMost: 400ms }',
    more: 'alerts: { rules: { slot-failing: { for: 5s, clear: 1s } } }\n',
  }).replace(
    `publicUrl: "http://127.0.0.1:${feedbackPort}"`,
    `publicUrl: "http://127.0.0.1:${between.port}"`,
  );
  const running = await runDaemon(text);
  const hall = simulator.device('hall');
  let degrees = 20;
  /** Something that the device posts. */
  const changes = (): void => hall.state.sensors.set('temperature', (degrees += 0.5));
  await eventually(async () => {
    changes();
    const [shown] = (await running.act(listDevices)).items;
    expect(shown?.slot).toMatchObject({ state: 'ok', number: 1 });
    expect(await webhookEvents(running)).toBeGreaterThan(0);
  }, 15_000);
  return { hall, between, changes, ...running };
}

async function webhookEvents({ daemon }: Pick<Awaited<ReturnType<typeof runDaemon>>, 'daemon'>) {
  const events = await readEvents(daemon.ports.database, { afterSeq: 0, limit: 1_000 });
  return events.filter(({ source }) => source === 'webhook').length;
}

describe('A webhook that is cut while the session stays', { timeout: 90_000 }, () => {
  test('loses no fact, is told as failing for as long as it does, and is believed again by a post', async () => {
    const { hall, between, changes, act, daemon } = await world();
    between.cut();
    hall.state.incomingCall({ number: 'anna@example.com' });
    hall.state.sensors.set('temperature', 99);
    await eventually(async () => {
      const [shown] = (await act(listDevices)).items;
      expect(shown?.slot).toMatchObject({ state: 'failed', reason: expect.stringContaining('no post') });
    }, 15_000);
    hall.state.farEndHangsUp();
    await eventually(async () => {
      expect((await act(listCalls)).items).toMatchObject([{ state: 'ended' }]);
      expect((await act(listSensors, { device: 'hall' })).items.map(({ value }) => value)).toContain(99);
    }, 15_000);

    // The device gives up after its failures and roomd turns the slot on again, over and over: that heals nothing.
    await eventually(async () => {
      const alerts = (await act(listAlerts)).items.filter(({ rule }) => rule === 'slot-failing');
      expect(alerts).toMatchObject([{ state: 'open' }]);
    }, 20_000);
    const { findings } = await act(doctor, { name: 'hall' });
    expect(findings.find(({ check }) => check === 'posts')).toMatchObject({ verdict: 'wrong' });

    between.open();
    await eventually(async () => {
      changes();
      const [shown] = (await act(listDevices)).items;
      expect(shown?.slot).toMatchObject({ state: 'ok' });
    }, 20_000);
    await eventually(async () => {
      expect((await act(listAlerts)).items.filter(({ rule }) => rule === 'slot-failing')).toEqual([]);
    }, 20_000);
    const gaps = await readEvents(daemon.ports.database, { afterSeq: 0, limit: 1_000, kinds: ['gap'] });
    expect(gaps.filter(({ deviceId }) => deviceId !== null)).toEqual([]);
  });
});
