import { describe, expect, it } from 'vitest';
import { help } from '../../../src/macros/steps/help.ts';
import { finesse } from '../../support/finesse.ts';
import { problemsOf, sampleFleet } from '../sample-fleet.ts';
import { failure, finesseAt, held, runOn, systemsRooms, UNTOUCHED } from './systems-rooms.ts';

const ROOM = 'boardroom-1';
const QUICK = { countdown: '50ms', connectWithin: '2s' };
const OTHERWISE = { notify: 'ops', markdown: '**{{device.name}}** asks for help' };
const TEAM = { team: '500', within: '3s', otherwise: OTHERWISE, ...QUICK };

async function contactCentre(login?: { userId: string; password: string }, allow?: readonly string[]) {
  const standIn = await finesse();
  const systems = finesseAt(standIn.url, login);
  return { standIn, rooms: systemsRooms([ROOM], { systems, ...(allow === undefined ? {} : { allow }) }) };
}

function told(reason: RegExp) {
  return [
    expect.stringMatching(
      new RegExp(`^ops: \\*\\*${ROOM}\\*\\* asks for help\\n\\nNobody could be called: ${reason.source}`),
    ),
  ];
}

describe('help', () => {
  it('calls the agent who has been ready the longest, muted', async () => {
    const { rooms } = await contactCentre();
    expect(await runOn(help, TEAM, rooms)).toMatchObject({
      result: expect.stringContaining('called 5002 (call '),
      output: { answered: true, by: 'agent', reason: '' },
    });
    expect(held(rooms.device(ROOM))).toMatchObject({ calls: ['5002 Connected'], microphones: 'On' });
    expect(rooms.sent).toEqual([]);
  });

  it('waits for an agent who is busy and gets ready in time', async () => {
    const { standIn, rooms } = await contactCentre();
    standIn.setState('2002', 'TALKING');
    const step = runOn(help, TEAM, rooms);
    const teams = () => standIn.requests().filter(({ path }) => path.endsWith('/Team/500')).length;
    await expect.poll(teams).toBeGreaterThanOrEqual(2);
    expect(held(rooms.device(ROOM))).toEqual(UNTOUCHED);
    standIn.setState('2002', 'READY');
    expect(await step).toMatchObject({ output: { answered: true, by: 'agent' } });
  });

  it('writes to the space with the reason when nobody gets ready', async () => {
    const { standIn, rooms } = await contactCentre();
    standIn.setState('2002', 'TALKING');
    expect(await runOn(help, { ...TEAM, within: '200ms' }, rooms)).toMatchObject({
      output: { answered: false, by: 'space', reason: expect.stringContaining('none is READY') },
    });
    expect(rooms.sent).toEqual(
      told(/3 of team Facilities are signed in, none is READY: .* \(waited 200ms\)$/),
    );
    expect(held(rooms.device(ROOM))).toEqual(UNTOUCHED);
  });

  it('fails with the reason where nobody is to be written to', async () => {
    const { standIn, rooms } = await contactCentre();
    standIn.setState('2002', 'TALKING');
    const { otherwise: _, ...alone } = { ...TEAM, within: '50ms' };
    expect(failure(await runOn(help, alone, rooms)).message).toMatch(/^nobody could be called: 3 of team/);
  });

  it('writes to the space when Finesse is down, and the room is as it was', async () => {
    const { standIn, rooms } = await contactCentre();
    await standIn.stop();
    expect(await runOn(help, { ...TEAM, within: '200ms' }, rooms)).toMatchObject({
      output: { answered: false, by: 'space' },
    });
    expect(rooms.sent).toHaveLength(1);
    expect(held(rooms.device(ROOM))).toEqual(UNTOUCHED);
    expect(rooms.desk.health()[0]?.reason).toContain('Finesse cannot be used since ');
  });

  it('does not wait where waiting cannot help: a wrong password, asked once', async () => {
    const { standIn, rooms } = await contactCentre({ userId: '2050', password: 'wrong' });
    await runOn(help, { ...TEAM, within: '1h' }, rooms);
    await runOn(help, { ...TEAM, within: '1h' }, rooms);
    expect(standIn.requests().map(({ status }) => status)).toEqual([401]);
    expect(rooms.sent).toHaveLength(2);
  });

  it('calls the queue first, and the team where the queue does not answer', async () => {
    const { standIn, rooms } = await contactCentre();
    const both = { ...TEAM, queue: '7000' };
    expect(await runOn(help, both, rooms)).toMatchObject({ output: { answered: true, by: 'queue' } });
    expect(held(rooms.device(ROOM)).calls).toEqual(['7000 Connected']);
    expect(standIn.requests()).toEqual([]);

    const other = await contactCentre();
    other.rooms.device(ROOM).before = (path) => {
      const { state } = other.rooms.device(ROOM);
      const [call] = state.calls.list();
      if (path === 'Call' && call?.number === '7000') state.calls.disconnect(call, 'far');
    };
    expect(await runOn(help, both, other.rooms)).toMatchObject({ output: { answered: true, by: 'agent' } });
    expect(held(other.rooms.device(ROOM)).calls).toEqual(['5002 Connected']);
  });

  it('dials no extension that calls.allow does not allow, and writes instead', async () => {
    const { rooms } = await contactCentre(undefined, ['60??']);
    await runOn(help, TEAM, rooms);
    expect(rooms.sent).toEqual(told(/"5002" is not among the numbers that macros may dial/));
    expect(held(rooms.device(ROOM))).toEqual(UNTOUCHED);
  });

  it('writes to the space where the room is in a call already', async () => {
    const { rooms } = await contactCentre();
    rooms.device(ROOM).state.calls.dial({ number: 'somebody@example.com' });
    await runOn(help, TEAM, rooms);
    expect(rooms.sent).toEqual(told(/did not call for help: the device is in a call/));
  });

  it('writes to nobody when somebody in the room presses Cancel', async () => {
    const { rooms } = await contactCentre();
    const { state } = rooms.device(ROOM);
    const step = runOn(help, { ...TEAM, queue: '7000', countdown: '5s' }, rooms);
    await expect.poll(() => state.screen.respond(1)).toBe(true);
    expect(failure(await step).code).toBe('cancelled');
    expect(rooms.sent).toEqual([]);
    expect(held(rooms.device(ROOM))).toEqual(UNTOUCHED);
  });

  it('is a problem of the file where it could not work', () => {
    const macros = [
      {
        name: 'a',
        devices: 'all',
        steps: [
          { help: {} },
          { help: { queue: '7000' } },
          { help: { team: '500', otherwise: { notify: 'opps', markdown: 'x' } } },
        ],
      },
    ];
    expect(problemsOf(sampleFleet({ macros }))).toEqual([
      expect.stringContaining('steps[0].help: say whom to call'),
      expect.stringContaining('steps[1].help.queue: "7000" is not among'),
      expect.stringContaining('steps[2].help.team: help with a team needs systems.finesse'),
      expect.stringContaining('steps[2].help.otherwise.notify: there is no notifier "opps"'),
    ]);
  });
});
