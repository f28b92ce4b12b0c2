import { describe, expect, test } from 'vitest';
import { deviceSessions } from '../../src/actions/sessions.ts';
import { listSlots, type RotatedSlots, rotateSlots } from '../../src/actions/slots.ts';
import { sleep } from '../../src/lib/abort.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import { readEvents } from '../../src/storage/events.ts';
import {
  eventually,
  fleetText,
  freePort,
  type RunningDaemon,
  runDaemon,
  simulated,
} from '../support/world.ts';

/** Nothing is looked at by a timer within a test's time. */
const NO_TIMERS =
  '{ sweep: 60m, drift: 60m, slotCheck: 60m, connect: 5s, request: 5s, ping: 5s, retryFirst: 100ms, retryMost: 400ms }';

async function world(prepare: (hall: SimulatedDevice) => void = () => undefined) {
  const simulator = await simulated([{ name: 'hall' }]);
  const hall = simulator.device('hall');
  prepare(hall);
  const running = await runDaemon(
    fleetText({
      devices: simulator.devices,
      mode: 'enforce',
      feedbackPort: await freePort(),
      timing: NO_TIMERS,
    }),
  );
  await eventually(() => expect(ours(hall)).toHaveLength(1), 15_000);
  return { hall, ...running };
}

function ours({ state }: SimulatedDevice) {
  return state.slots.list().filter(({ url }) => url.startsWith('http://127.0.0.1:'));
}

async function told({ daemon }: RunningDaemon, kind: string) {
  return readEvents(daemon.ports.database, { afterSeq: 0, limit: 1_000, kinds: [kind] });
}

describe('The feedback slots', () => {
  test('are shown with their owners, and no secret of anybody', async () => {
    const { act, get, hall } = await world(({ state }) => {
      for (const [slot, url] of [
        [1, 'https://other.example.com/hook/their-secret'],
        [3, 'http://tms.example.com/tms'],
        [4, `https://roomd.example.org/feedback/${'x'.repeat(43)}`],
      ] as const)
        state.slots.register({ slot, url, format: 'XML', expressions: ['/Status/Standby'] });
    });
    hall.state.people(1);
    await eventually(async () => {
      const [shown] = (await act(listSlots)).items;
      expect(shown?.slots.map(({ owner, origin }) => [owner, origin])).toMatchObject([
        ['other', 'https://other.example.com'],
        ['roomd', expect.stringContaining('http://127.0.0.1:') as string],
        ['tms', 'http://tms.example.com'],
        ['another-roomd', 'https://roomd.example.org'],
      ]);
      expect(shown?.lastPostAt).not.toBeNull();
    });
    const text = await (await get('/api/v1/slots?fresh=true')).text();
    expect(text).not.toMatch(/their-secret|xxxx|\/feedback\//);
  });

  test('are looked at when Diagnostics tells of them', async () => {
    const { hall } = await world();
    hall.state.slots.fail(ours(hall)[0]?.slot ?? 0);
    await eventually(() => expect(ours(hall)).toMatchObject([{ status: 'OK' }]));
  });

  test('are looked at after a BootEvent, be the session cut or not', async () => {
    const { hall, act } = await world();
    hall.state.slots.deregister(ours(hall)[0]?.slot ?? 0);
    hall.state.core.event('BootEvent', { Action: 'Restart' });
    await eventually(() => expect(ours(hall)).toHaveLength(1));
    hall.state.slots.deregister(ours(hall)[0]?.slot ?? 0);
    hall.reboot();
    await eventually(() => expect(ours(hall)).toHaveLength(1), 15_000);
    await eventually(async () => {
      const { items } = await act(deviceSessions, { name: 'hall', since: '1h' });
      expect(items.map(({ word }) => word).slice(-3)).toEqual(['up', 'unreachable', 'up']);
    });
  });
});

describe('The tokens of slots', () => {
  test('are replaced while posts flow, and not one of these is lost or comes by another way', async () => {
    const running = await world();
    const { hall, act } = running;
    const before = ours(hall)[0]?.url;
    const clock = systemClock();
    await eventually(async () =>
      expect((await told(running, 'slot')).at(-1)?.payload).toEqual({ healthy: true }),
    );
    const counts = Array.from({ length: 120 }, (_, at) => at + 1);
    const verdicts: RotatedSlots['items'][number][] = [];
    for (const people of counts) {
      hall.state.core.setStatus('RoomAnalytics.PeopleCount.Current', people);
      if (people === 40 || people === 41) verdicts.push(...(await act(rotateSlots)).items);
      await sleep(10, clock);
    }
    expect(verdicts.map(({ isBegun }) => isBegun)).toEqual([true, false]);
    await eventually(() => expect(ours(hall)[0]?.url).not.toBe(before));
    await eventually(async () => {
      const heard = (await told(running, 'status')).flatMap(({ payload, source }) => {
        const { leaves } = payload as { leaves: Record<string, string> };
        const count = leaves['RoomAnalytics.PeopleCount.Current'];
        return count === undefined ? [] : [[Number(count), source]];
      });
      expect(heard).toEqual(counts.map((people) => [people, 'webhook']));
    });
    await eventually(async () =>
      expect((await told(running, 'slot-token')).map(({ payload }) => payload)).toMatchObject([
        { stage: 'begun', actor: 'test' },
        { stage: 'proven' },
      ]),
    );
    expect((await told(running, 'gap')).length).toBe(0);
    expect(ours(hall)).toHaveLength(1);
    const [shown] = (await act(listSlots)).items;
    expect(shown?.token).toMatchObject({ isOldAccepted: true });
    expect(shown?.token?.provenAt).not.toBeNull();
  });
});
