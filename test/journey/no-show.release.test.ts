import { describe, expect, onTestFinished, test } from 'vitest';
import { listRuns } from '../../src/actions/macros.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { cliWorld } from '../cli/cli-world.ts';
import { cardIn, chatWorld } from '../support/chat-world.ts';
import { eventually, PASSWORD, simulated } from '../support/world.ts';

/** As examples/macros has it, with seconds for minutes. */
const NO_SHOW = `
macros:
  - name: no-show
    when: { booking: { at: start, offset: 2s } }
    devices: all
    if: presence == 'no' && callKnown && !inCall
    deadline: 2m
    steps:
      - prompt:
          title: Is this room needed?
          text: Nobody seems to be here
          options: [Keep, Release]
          within: 8s
          alsoAsk: ops
        as: answer
      - if: steps.answer.choice == 1
        then:
          - log: "kept by {{steps.answer.by}}"
        else:
          - release: { booking: "{{trigger.id}}", comment: Nobody came., unlessLongerThan: 4h }
          - notify: { to: ops, markdown: "**{{device.name}}** was booked and empty" }
`;

/** A daemon that hears an empty room, in which a booking has just begun; the question stands on its screen. */
async function bookedAndEmpty() {
  const simulator = await simulated([{ name: 'boardroom-1', model: builtInModels.room }]);
  const { state } = simulator.device('boardroom-1');
  state.setConfiguration('RoomAnalytics.PeoplePresenceDetector', 'On');
  const world = await chatWorld(simulator, { byWebhook: true, macros: NO_SHOW });
  state.people(1);
  await eventually(
    async () => expect(await world.ask('vic', 'status boardroom 1')).toContain('people: yes'),
    30_000,
  );
  state.people(0);
  await eventually(
    async () => expect(await world.ask('vic', 'status boardroom 1')).toContain('people: no'),
    30_000,
  );
  const now = Date.now();
  state.bookings.add({ title: 'Weekly', startAt: now + 1_000, endAt: now + 3_600_000 });
  await eventually(
    () => expect(state.screen.now()).toMatchObject([{ title: 'Is this room needed?' }]),
    30_000,
  );
  const card = await cardIn(world.webex, 'Nobody seems to be here');
  expect(state.bookings.list()).toHaveLength(1);
  const cli = await cliWorld({ ROOM_PASSWORD: PASSWORD, BOT: 'bot-token' });
  onTestFinished(() => cli.close());
  /** What the command line tells of the run, once it has ended. */
  const explained = async (): Promise<string> => {
    const id = await eventually(async () => {
      const [run] = (await world.act(listRuns, { macro: 'no-show' })).items;
      if (run === undefined || run.endedAt === null) throw new Error('it goes on');
      return run.id;
    }, 30_000);
    return (await cli.roomd('--fleet', world.file, 'macro', 'show', id)).out;
  };
  return { ...world, state, card, explained };
}

describe('A booking to which nobody comes', () => {
  test('is released after its grace period, the card goes away, and the run explains itself', async () => {
    const { state, card, webex, explained } = await bookedAndEmpty();
    await eventually(() => expect(state.bookings.list()).toEqual([]), 30_000);
    const told = await explained();
    expect(told).toMatch(/no-show.*boardroom-1.*succeeded/s);
    expect(told).toMatch(/prompt.*nobody answered/s);
    expect(told).toContain('steps.answer.choice == 1 is false');
    expect(told).toMatch(/release.*released the booking/s);
    expect(state.screen.now()).toEqual([]);
    expect(webex.messages().some(({ id }) => id === card.id)).toBe(false);
    await eventually(() =>
      expect(webex.messages().map(({ markdown }) => markdown)).toContain(
        '**boardroom-1** was booked and empty',
      ),
    );
  }, 120_000);

  test('is kept where somebody presses Keep on the screen', async () => {
    const { state, explained } = await bookedAndEmpty();
    state.screen.respond(1);
    const told = await explained();
    expect(told).toMatch(/someone chose "Keep".*kept by/s);
    expect(told).not.toContain('released');
    expect(state.bookings.list()).toHaveLength(1);
    expect(state.screen.now()).toEqual([]);
  }, 120_000);

  test('is kept where an operator presses Keep on the card, and nobody else can', async () => {
    const { state, card, webex, explained } = await bookedAndEmpty();
    const keep = card.buttons['Keep'] ?? {};
    webex.press('sam@elsewhere.org', card.id, keep);
    webex.press('ann@example.com', card.id, keep);
    const told = await explained();
    expect(told).toContain('kept by ann@example.com');
    expect(state.bookings.list()).toHaveLength(1);
    expect(state.screen.now()).toEqual([]);
  }, 120_000);
});
