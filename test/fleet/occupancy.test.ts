import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Occupancy, observeOccupancy } from '../../src/fleet/occupancy.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import { LaidOutConfiguration } from '../../src/xapi/configuration-document.ts';
import type { Device } from '../../src/xapi/device.ts';
import { XapiError } from '../../src/xapi/errors.ts';
import { bent, FleetWorld, until } from './world.ts';

const MINUTE = 60_000;
let world: FleetWorld;
let room: SimulatedDevice;
let device: Device;

beforeAll(async () => {
  world = await FleetWorld.open([{ name: 'room-1' }]);
  await world.wish({ 'room-1': {} });
  room = world.simulator.device('room-1');
  const target = world.target('room-1');
  if (target === null) throw new Error('no target');
  device = target.device;
});

afterAll(() => world.close());

beforeEach(async () => {
  const { state } = room;
  state.people(0);
  state.share(false);
  state.bookings.put([]);
  for (const call of state.calls.list()) state.calls.disconnect(call, 'here');
  state.standby.deactivate();
  state.turnKnob('RoomAnalytics.PeoplePresenceDetector', 'On');
  set('Conference.Presentation.LocalInstance[1].SendingMode', 'Off');
  await until('no call', () => state.calls.list().length === 0);
  await until('nobody', () => state.status('RoomAnalytics.PeoplePresence') === 'No');
});

const set = (path: string, value: string): unknown => room.state.core.setStatus(path, value);
const booking = (startMs: number, endMs: number): void => {
  const now = Date.now();
  room.state.bookings.add({ title: 'Meeting', startAt: now + startMs, endAt: now + endMs });
};
const look = (of: Device = device): Promise<Occupancy> => observeOccupancy(of, { now: () => Date.now() });

describe('a room is busy', () => {
  it.each([
    ['Connected', 'connected'],
    ['OnHold', 'onhold'],
    ['Dialling', 'dialling'],
  ])('in a call that is %s', async (word, told) => {
    room.state.calls.dial({ number: 'help@example.com' });
    await until('in a call', () => room.state.calls.list()[0]?.status === 'Connected');
    set(`Call[${room.state.calls.list()[0]?.id ?? 0}].Status`, word);
    expect(await look()).toEqual({ state: 'busy', reason: `a call is ${told}` });
  });

  it('while it rings', async () => {
    room.state.incomingCall({ number: 'someone@example.com' });
    expect(await look()).toEqual({ state: 'busy', reason: 'a call is ringing' });
  });

  it('while someone shares, with the far end or in the room only', async () => {
    room.state.share(true);
    expect(await look()).toEqual({ state: 'busy', reason: 'someone is sharing' });
    room.state.share(false);
    set('Conference.Presentation.LocalInstance[1].SendingMode', 'LocalOnly');
    expect(await look()).toEqual({ state: 'busy', reason: 'someone is sharing' });
  });

  it('while People Presence says yes, also with the detector off since', async () => {
    room.state.people(1);
    await until('someone', () => room.state.status('RoomAnalytics.PeoplePresence') === 'Yes');
    expect(await look()).toEqual({ state: 'busy', reason: 'People Presence says yes' });
  });

  it('while a booking runs, and from ten minutes before one', async () => {
    booking(-MINUTE, 30 * MINUTE);
    expect(await look()).toEqual({ state: 'busy', reason: 'a booking is running' });
    room.state.bookings.put([]);
    booking(9 * MINUTE, 30 * MINUTE);
    expect(await look()).toEqual({ state: 'busy', reason: 'a booking begins within 10 minutes' });
    room.state.bookings.put([]);
    booking(12 * MINUTE, 30 * MINUTE);
    expect(await look()).toMatchObject({ state: 'free' });
  });
});

describe('a room is free', () => {
  it('with no call, no sharing, no booking and nobody there', async () => {
    expect(await look()).toEqual({
      state: 'free',
      reason: 'no call, no sharing, no booking, nobody present',
    });
  });

  it('in standby, where only the count is unknown', async () => {
    room.state.standby.activate();
    await until('asleep', () => room.state.status('Standby.State') === 'Standby');
    set('RoomAnalytics.PeopleCount.Current', '-1');
    expect(await look()).toMatchObject({ state: 'free' });
  });

  it('with the detector off, which is ignored', async () => {
    room.state.turnKnob('RoomAnalytics.PeoplePresenceDetector', 'Off');
    await until('silent', () => room.state.status('RoomAnalytics.PeoplePresence') === 'Unknown');
    expect(await look()).toEqual({
      state: 'free',
      reason: 'no call, no sharing, no booking; the presence detector is off',
    });
    room.state.incomingCall({ number: 'someone@example.com' });
    expect(await look()).toMatchObject({ state: 'busy' });
  });

  it('on a device that has no detector', async () => {
    const without = bent(device, {
      readStatus: async (path, options) =>
        path === 'RoomAnalytics' ? new Map() : device.readStatus(path, options),
      readConfiguration: () => Promise.resolve(new LaidOutConfiguration(new Map())),
    });
    expect(await look(without)).toMatchObject({ state: 'free' });
  });
});

describe('a room is unknown', () => {
  it('where the detector should speak and does not', async () => {
    set('RoomAnalytics.PeoplePresence', 'Unknown');
    expect(await look()).toEqual({
      state: 'unknown',
      reason: 'the presence detector should speak and does not',
    });
  });

  it.each(['soon', ''])('where the time of the next booking cannot be read (%o)', async (time) => {
    booking(30 * MINUTE, 60 * MINUTE);
    set('Bookings.Availability.TimeStamp', time);
    expect(await look()).toEqual({
      state: 'unknown',
      reason: `the time of the next booking cannot be read ("${time}")`,
    });
  });

  it('where its status cannot be read', async () => {
    const silent = bent(device, {
      readStatus: () => Promise.reject(new XapiError('deadline', 'no answer in time')),
    });
    expect(await look(silent)).toEqual({
      state: 'unknown',
      reason: 'its state could not be read: no answer in time',
    });
  });

  it('never by the will of the caller: an abort rejects', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(observeOccupancy(device, { now: () => 0, signal })).rejects.toThrow('stop');
  });
});
