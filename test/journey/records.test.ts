import { describe, expect, test } from 'vitest';
import { listBookings } from '../../src/actions/bookings.ts';
import { listCalls } from '../../src/actions/calls.ts';
import { getDevice } from '../../src/actions/devices.ts';
import { countErased, eraseRecords } from '../../src/actions/erase.ts';
import { listEvents } from '../../src/actions/events.ts';
import { presencePast } from '../../src/actions/presence.ts';
import { replay } from '../../src/actions/replay.ts';
import { listSensors } from '../../src/actions/sensors.ts';
import { listSpans } from '../../src/actions/spans.ts';
import { roomModel } from '../../src/simulator/models/room.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';

describe('What a room does', () => {
  test('becomes calls, bookings, sensors and spans; a replay changes none of it; erasing leaves none of it', async () => {
    const simulator = await simulated([{ name: 'hall', model: roomModel }]);
    const { state } = simulator.device('hall');
    const { act } = await runDaemon(
      fleetText({ devices: simulator.devices, more: 'privacy: { remote: hashed, organizer: domain }\n' }),
    );
    await eventually(async () =>
      expect((await act(getDevice, { name: 'hall' })).session).toMatchObject({ state: 'up' }),
    );

    state.people(2);
    const call = state.incomingCall({ number: 'ann@example.com', displayName: 'Ann' });
    state.calls.accept(call);
    await eventually(() => expect(call.status).toBe('Connected'));
    const navigator = state.sensors.attach();
    state.sensors.set('air-quality', 1.4, navigator);
    state.sensors.set('temperature', 24);
    state.sensors.raise({ type: 'NTPStatus', level: 'Warning', description: 'The time is not synchronized' });
    const startAt = Date.now();
    state.bookings.add({ title: 'Planning', organizer: 'Ann', startAt, endAt: startAt + 3_600_000 });
    await eventually(async () =>
      expect((await act(listBookings)).items).toMatchObject([
        { state: 'running', endAt: expect.any(String) },
      ]),
    );
    state.bookings.extend(null, 1_800_000);
    state.farEndHangsUp();
    state.sensors.clear('NTPStatus');

    await eventually(async () => {
      expect((await act(listCalls, { device: 'hall' })).items).toMatchObject([
        {
          direction: 'incoming',
          outcome: 'connected',
          causeType: 'RemoteDisconnect',
          isEndKnown: true,
          remote: expect.stringMatching(/^[0-9a-f]{20}$/),
          remoteForm: 'hashed',
        },
      ]);
      const [booking] = (await act(listBookings)).items;
      expect(booking).toMatchObject({ extendedTimes: 1, state: 'running', organizer: null });
      expect(kindsOf(await act(listSpans, { device: 'hall' }))).toEqual(
        expect.arrayContaining([
          'session up',
          'standby Off',
          'in-use yes',
          'peripheral Connected',
          'diagnostic Warning',
        ]),
      );
      const shown = (await act(listSensors, { device: 'hall' })).items.map(
        ({ sensor, source, value }) => `${sensor} ${source} ${value}`,
      );
      expect(shown).toEqual(
        expect.arrayContaining(['temperature device 24', `air-quality peripheral:${navigator} 1.4`]),
      );
      expect(await act(getDevice, { name: 'hall' })).toMatchObject({
        inUse: true,
        standby: 'Off',
        nextBooking: { end: new Date(Math.floor((startAt + 5_400_000) / 1_000) * 1_000).toISOString() },
        sensors: expect.arrayContaining([{ sensor: 'temperature', source: 'device', value: 24, unit: '°C' }]),
      });
    });
    expect(JSON.stringify(await act(listEvents, { limit: 1_000 }))).not.toMatch(
      /ann@example\.com|"Ann"|Planning/,
    );

    const before = await everything();
    expect(await act(replay)).toEqual({ devices: 1 });
    expect(await everything()).toEqual(before);

    const counted = await act(countErased, { name: 'hall' });
    expect(counted.rows).toMatchObject({ call: 1, booking: 1 });
    await act(eraseRecords, { name: 'hall' });
    expect((await act(listCalls, { device: 'hall' })).items).toEqual([]);
    // Erased is the past: what stands now is told again.
    await eventually(async () => {
      expect(kindsOf(await act(listSpans, { device: 'hall' }))).toEqual(
        expect.arrayContaining(['session up', 'standby Off', 'in-use yes', 'peripheral Connected']),
      );
      expect((await act(listBookings)).items).toMatchObject([{ state: 'scheduled' }]);
      const { items } = await act(presencePast, {
        device: 'hall',
        from: new Date(startAt - 60_000).toISOString(),
        to: new Date(Date.now() + 60_000).toISOString(),
      } as never);
      expect(items.at(-1)).toMatchObject({ state: 'yes', to: null });
    });
    expect(kindsOf(await act(listSpans, { device: 'hall' }))).not.toContain('diagnostic Warning');

    async function everything() {
      const [calls, bookings, spans, sensors] = await Promise.all([
        act(listCalls),
        act(listBookings),
        act(listSpans),
        act(listSensors, { device: 'hall' }),
      ]);
      return [calls.items, bookings.items, spans.items, sensors.items];
    }
  }, 60_000);
});

function kindsOf({ items }: { items: readonly { kind: string; value: string }[] }): string[] {
  return items.map(({ kind, value }) => `${kind} ${value}`);
}
