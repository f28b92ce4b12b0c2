import { describe, expect, it } from 'vitest';
import type { MacroState } from '../../../src/macros/ports.ts';
import { release } from '../../../src/macros/steps/release.ts';
import { XapiError } from '../../../src/xapi/errors.ts';
import { IN_USE, runStep, type StepRoom, samplePorts, stepRoom } from '../step-context.ts';

const HOUR_MS = 3_600_000;
const EMPTY: MacroState = { ...IN_USE, presence: 'no', peopleCount: 0 };

/** A room in which a booking runs and nobody is. */
function room(booking: { title?: string; meetingId?: string; hours?: number } = {}): StepRoom {
  const here = stepRoom();
  const { state } = here.device;
  const now = here.clock.now();
  const { title = 'Weekly', hours = 1, ...more } = booking;
  state.bookings.add({ title, startAt: now - 600_000, endAt: now - 600_000 + hours * HOUR_MS, ...more });
  state.core.setStatus('RoomAnalytics.PeoplePresence', 'No');
  return here;
}

function run(here: StepRoom, args: object = {}, state: MacroState = EMPTY) {
  return runStep(release, args, here, { changes: { ports: samplePorts([], { state: () => state }) } });
}

function listed({ device: { state } }: StepRoom): string[] {
  return state.bookings.list().map(({ id }) => id);
}

describe('release', () => {
  it('declines the booking that runs in an empty room, and sees it gone', async () => {
    const here = room();
    expect(await run(here, { comment: 'Nobody came to {{device.name}}.' })).toEqual({
      result: 'released the booking 1',
      output: { released: true, bookingId: '1', wouldRelease: false, beganAt: '08:45', strikes: 0 },
    });
    expect(listed(here)).toEqual([]);
  });

  it('tells how often its series was empty in a row, this time included, where that is known of this booking', async () => {
    const booking = {
      running: true,
      minutesSinceStart: 10,
      minutesLeft: 50,
      minutesUntilNext: null,
      strikes: 2,
    };
    const told = (id: string) =>
      runStep(release, { shadow: true }, room(), {
        changes: {
          ports: samplePorts([], {
            state: () => EMPTY,
            records: () => Promise.resolve({ booking: { ...booking, id }, capacity: null }),
          }),
        },
      });
    expect(await told('1')).toMatchObject({
      result: 'would have released the booking 1, empty 3 times in a row',
      output: { strikes: 3 },
    });
    expect(await told('2')).toMatchObject({ output: { strikes: 0 } });
  });

  it('changes nothing where it only shadows', async () => {
    const here = room();
    expect(await run(here, { shadow: true })).toEqual({
      result: 'would have released the booking 1',
      output: { released: false, bookingId: '1', wouldRelease: true, beganAt: '08:45', strikes: 0 },
    });
    expect(listed(here)).toEqual(['1']);
  });

  it.each(['yes', 'unknown'] as const)('never releases where presence is %s', async (presence) => {
    const here = room();
    expect(await run(here, {}, { ...EMPTY, presence })).toMatchObject({
      code: 'refused',
      message: `did not release: presence is ${presence}`,
    });
    expect(listed(here)).toEqual(['1']);
  });

  it('believes the device where it says otherwise at that moment', async () => {
    const here = room();
    here.device.state.core.setStatus('RoomAnalytics.PeoplePresence', 'Yes');
    expect(await run(here)).toMatchObject({ message: 'did not release: People Presence says yes' });
    here.device.state.core.setStatus('RoomAnalytics.PeoplePresence', 'Unknown');
    expect(await run(here)).toMatchObject({
      message: 'did not release: the presence detector should speak and does not',
    });
    here.device.state.core.setStatus('RoomAnalytics.PeoplePresence', 'No');
    here.device.state.share(true);
    expect(await run(here)).toMatchObject({ message: 'did not release: someone is sharing' });
    here.device.state.share(false);
    here.device.state.incomingCall({ number: 'a@example.com' });
    expect(await run(here)).toMatchObject({ message: 'did not release: a call is ringing' });
    expect(listed(here)).toEqual(['1']);
  });

  it('refuses without a booking, and one that is not meant', async () => {
    expect(await run(stepRoom())).toMatchObject({
      code: 'refused',
      message: 'did not release: no booking runs',
    });
    const here = room();
    expect(await run(here, { booking: '7' })).toMatchObject({
      message: 'did not release: the booking that runs is 1, not 7',
    });
    expect(await run(here, { booking: '1' })).toMatchObject({ output: { released: true } });
  });

  it('leaves long bookings, those with some titles, and those whose title nobody tells', async () => {
    const long = room({ hours: 5 });
    expect(await run(long, { unlessLongerThan: '4h' })).toMatchObject({
      message: 'did not release: the booking 1 is 5h long',
    });
    const board = room({ title: 'The Board meets' });
    expect(await run(board, { unlessTitled: ['*board*'] })).toMatchObject({
      message: 'did not release: the title of the booking 1 is like "*board*"',
    });
    const secret = room({ title: '' });
    expect(await run(secret, { unlessTitled: ['*board*'] })).toMatchObject({
      message: 'did not release: the device does not tell the title of the booking 1',
    });
    expect([...listed(long), ...listed(board), ...listed(secret)]).toEqual(['1', '1', '1']);
  });

  it('says that the calendar connection cannot decline where that is so', async () => {
    const nameless = room({ meetingId: '' });
    expect(await run(nameless)).toMatchObject({
      code: 'failed',
      message: expect.stringContaining(
        'the calendar connection of this device cannot decline: it gives no id',
      ),
    });
    for (const code of ['command-failed', 'unknown-path'] as const) {
      const here = room();
      here.device.before = (path) => {
        if (path === 'Bookings.Respond') throw new XapiError(code, 'Not supported');
      };
      expect(await run(here)).toMatchObject({
        code: 'failed',
        message: 'the calendar connection of this device cannot decline: Not supported',
      });
      expect(listed(here)).toEqual(['1']);
    }
  });

  it('fails where the device takes the decline and keeps the booking', async () => {
    const here = room();
    const [booking] = here.device.state.bookings.list();
    here.device.before = (path) => {
      if (path === 'Bookings.List' && listed(here).length === 0 && booking !== undefined)
        here.device.state.bookings.add(booking);
    };
    expect(await run(here)).toMatchObject({
      code: 'failed',
      message: expect.stringContaining('lists the booking 1 still'),
    });
  });
});
