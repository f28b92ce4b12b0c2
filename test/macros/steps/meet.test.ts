import { describe, expect, it } from 'vitest';
import { meet } from '../../../src/macros/steps/meet.ts';
import { standInFor } from '../../integrations/webex-meetings/support.ts';
import { problemsOf, sampleDevice, sampleFleet } from '../sample-fleet.ts';
import { failure, held, MEETING_APIS, runOn, systemsRooms, UNTOUCHED } from './systems-rooms.ts';

const ROOMS = ['boardroom-1', 'boardroom-2', 'boardroom-3'];
const QUICK = { countdown: '50ms', connectWithin: '2s' };
const ORDER = { title: 'Handover {{device.name}}', minutes: 30, ...QUICK };

describe.each(MEETING_APIS)('meet, by %s', (_api, systemsOf) => {
  it('makes a meeting that three rooms join, muted, though calls.allow allows no number', async () => {
    const standIn = await standInFor();
    const rooms = systemsRooms(ROOMS, { systems: systemsOf(standIn), allow: [] });
    const outcome = await runOn(
      meet,
      { ...ORDER, devices: 'boardroom-*', parallel: 2, invitees: ['bob@example.com'] },
      rooms,
    );
    const [meeting] = standIn.meetings();
    expect(standIn.meetings()).toHaveLength(1);
    expect(meeting).toMatchObject({ title: 'Handover boardroom-1', joinBeforeHost: true });
    expect(meeting?.invitees.map(({ email }) => email)).toEqual(['bob@example.com']);
    expect(outcome).toMatchObject({
      result: expect.stringMatching(/^"Handover boardroom-1" at \S+: joined on 3 of 3 devices$/),
      output: { joined: 3, sipAddress: expect.stringContaining('@') },
    });
    const { sipAddress } = outcome instanceof Error ? {} : { ...outcome.output };
    for (const name of ROOMS)
      expect(held(rooms.device(name))).toEqual({
        calls: [`${String(sipAddress)} Connected`],
        microphones: 'On',
        screen: [],
      });
  });

  it('deletes the meeting when no room joins', async () => {
    const standIn = await standInFor();
    const rooms = systemsRooms(ROOMS, { systems: systemsOf(standIn) });
    for (const name of ROOMS)
      rooms.device(name).before = (path) => {
        if (path === 'Dial') throw new Error('the far end is not there');
      };
    const error = failure(await runOn(meet, { ...ORDER, devices: 'all' }, rooms));
    expect(error.message).toMatch(/^nobody joined: boardroom-1 \(.*boardroom-3 \(/);
    expect(standIn.meetings()).toEqual([]);
    expect(standIn.requests().length).toBeGreaterThan(1);
    for (const name of ROOMS) expect(held(rooms.device(name))).toEqual(UNTOUCHED);
  });

  it('says why no meeting was made where the service is down', async () => {
    const standIn = await standInFor();
    standIn.fault({ kind: 'status', status: 500, times: 1 });
    const rooms = systemsRooms(ROOMS.slice(0, 1), { systems: systemsOf(standIn) });
    const error = failure(await runOn(meet, ORDER, rooms));
    expect(error.message).toContain('no meeting was made: ');
    expect(rooms.desk.health()).toEqual([
      { part: 'meetings', reason: expect.stringContaining('Webex Meetings cannot be used since ') },
    ]);
    expect(held(rooms.device('boardroom-1'))).toEqual(UNTOUCHED);
  });
});

describe('meet', () => {
  const [[, rest] = []] = MEETING_APIS;
  const here = async (names: readonly string[]) => {
    const standIn = await standInFor();
    return { standIn, rooms: systemsRooms(names, { systems: rest?.(standIn) ?? {} }) };
  };

  it('leaves the meeting to the rooms that joined, and says who did not and why', async () => {
    const { standIn, rooms } = await here(ROOMS);
    rooms.device('boardroom-2').state.calls.dial({ number: 'somebody@example.com' });
    const outcome = await runOn(meet, { ...ORDER, devices: 'all' }, rooms);
    expect(outcome).toMatchObject({
      result: expect.stringMatching(
        /joined on 2 of 3 devices; without boardroom-2 \(did not meet: the device is in a call/,
      ),
      output: { joined: 2 },
    });
    expect(standIn.meetings()).toHaveLength(1);
  });

  it('makes no meeting where every room is in a call', async () => {
    const { standIn, rooms } = await here(ROOMS.slice(0, 1));
    rooms.device('boardroom-1').state.calls.dial({ number: 'somebody@example.com' });
    expect(failure(await runOn(meet, ORDER, rooms))).toMatchObject({
      code: 'refused',
      message: expect.stringContaining('did not meet: the device is in a call'),
    });
    expect(standIn.requests()).toEqual([]);
  });

  it('deletes the meeting when somebody in its only room presses Cancel', async () => {
    const { standIn, rooms } = await here(ROOMS.slice(0, 1));
    const { state } = rooms.device('boardroom-1');
    const step = runOn(meet, { ...ORDER, countdown: '5s' }, rooms);
    await expect.poll(() => state.screen.respond(1)).toBe(true);
    expect(failure(await step)).toMatchObject({
      code: 'cancelled',
      message: 'someone in the room pressed Cancel',
    });
    expect(standIn.meetings()).toEqual([]);
    expect(held(rooms.device('boardroom-1'))).toEqual(UNTOUCHED);
  });

  it('hangs up who joined and deletes the meeting when the run is ended meanwhile', async () => {
    const { standIn, rooms } = await here(ROOMS);
    rooms.device('boardroom-3').before = (path) => {
      if (path === 'Dial') rooms.cancel.abort(new Error('held by the operator'));
    };
    const outcome = await runOn(meet, { ...ORDER, devices: 'all', parallel: 1 }, rooms);
    expect(outcome).toMatchObject({ message: 'held by the operator' });
    expect(standIn.meetings()).toEqual([]);
    for (const name of ROOMS) expect(held(rooms.device(name))).toEqual(UNTOUCHED);
  });

  it('is a problem of the file without the system, without a device and with what no site takes', () => {
    const order = { title: 'T', minutes: 30 };
    const macros = [
      { name: 'a', devices: 'all', steps: [{ meet: order }] },
      { name: 'b', devices: 'all', scope: 'fleet', steps: [{ meet: { ...order, invitees: ['ada'] } }] },
      { name: 'c', devices: 'all', steps: [{ meet: { ...order, devices: 'atrium', muted: false } }] },
    ];
    const found = problemsOf(sampleFleet({ macros })).filter(
      (line) => !line.includes('needs systems.meetings'),
    );
    expect(found).toEqual([
      expect.stringContaining('macros[1].steps[0].meet: the macro says `scope: fleet`'),
      expect.stringContaining('macros[1].steps[0].meet.invitees[0]: "ada" is no e-mail address'),
      expect.stringContaining('macros[2].steps[0].meet.devices: '),
      expect.stringContaining('macros[2].steps[0].meet.muted: '),
    ]);
    expect(problemsOf(sampleFleet({ macros }))[0]).toContain(
      'macros[0].steps[0].meet: meet needs systems.meetings',
    );
  });

  it('counts the rounds of its devices into the deadline', () => {
    const devices = ROOMS.map((name) => sampleDevice(name));
    const macros = [
      {
        name: 'a',
        devices: 'boardroom-1',
        deadline: '2m',
        steps: [{ meet: { title: 'T', minutes: 30, devices: 'all', parallel: 1 } }],
      },
    ];
    expect(problemsOf(sampleFleet({ macros, devices })).join('\n')).toContain(
      'the steps may take 3m30s by themselves',
    );
  });
});
