import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listEvents } from '../../src/actions/events.ts';
import { listHolds } from '../../src/actions/hold.ts';
import { listRuns, runMacro } from '../../src/actions/macros.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import { type ChatWorld, cardIn, chatStandIn, chatWorld } from '../support/chat-world.ts';
import { eventually, simulated, temporaryFolder } from '../support/world.ts';

describe('The bot, asked by polling', () => {
  test('answers a viewer in the thread, lets an operator act, and refuses a stranger once', async () => {
    const simulator = await simulated([
      { name: 'boardroom-1', model: builtInModels.room },
      { name: 'attic' },
    ]);
    const { say, ask, answers, webex, act } = await chatWorld(simulator);

    expect(await ask('vic', 'STATUS?')).toContain('of 2 devices reached');
    expect(await ask('vic', 'staus')).toContain('Did you mean "status"?');
    expect(await ask('vic', 'status Boardroom 1')).toContain('**boardroom-1**');
    expect(await ask('vic', 'help')).not.toContain('`mute DEVICE`');
    expect(await ask('vic', 'mute boardroom 1')).toContain('takes an operator');
    expect(await ask('ann', 'mute boardroom 2')).toContain('Did you mean "boardroom-1"?');

    expect(await ask('ann', 'mute Boardroom 1')).toContain('succeeded');
    expect(simulator.device('boardroom-1').state.core.status.get('Audio.Microphones.Mute')).toBe('On');
    expect(await ask('ann', 'hold attic because the floor is being painted')).toContain('Held');
    expect((await act(listHolds)).items).toMatchObject([
      { devices: 'name=attic', reason: 'the floor is being painted', actor: 'webex:ann@example.com' },
    ]);
    expect(await ask('ann', 'release hold attic')).toContain('Released');
    expect((await act(listHolds)).items).toEqual([]);

    const first = await say('sam', 'status');
    expect((await answers(first))[0]).toContain('Sorry');
    const second = await say('sam', 'mute attic');
    const third = await say('other', 'status');
    expect(await ask('vic', 'offline')).toContain('reached');
    const toStrangers = webex.messages().filter(({ parentId }) => parentId === second || parentId === third);
    expect(toStrangers).toEqual([]);

    const { items } = await act(listEvents, { kinds: 'chat' });
    const deeds = items.map(({ payload }) => payload as Record<string, unknown>);
    expect(deeds).toContainEqual({
      what: 'command',
      actor: 'webex:ann@example.com',
      command: 'mute',
      device: 'boardroom-1',
    });
    expect(deeds).toContainEqual({
      what: 'refused',
      actor: 'webex:sam@elsewhere.org',
      why: 'not on the list',
    });
    expect(deeds.filter(({ actor }) => actor === 'webex:echo@webex.bot')).toEqual([]);
  }, 60_000);

  test('finds a free room, says why one is not, and releases only one that is booked and surely empty', async () => {
    const simulator = await simulated([
      { name: 'boardroom-1', model: builtInModels.room },
      { name: 'attic', model: builtInModels.room },
    ]);
    const [boardroom, attic] = [simulator.device('boardroom-1').state, simulator.device('attic').state];
    for (const state of [boardroom, attic])
      state.setConfiguration('RoomAnalytics.PeoplePresenceDetector', 'On');
    const { ask } = await chatWorld(simulator);
    await eventually(async () => expect(await ask('ann', 'offline')).toContain('All '), 20_000);
    const people = async (room: typeof attic, name: string, count: number, word: string) => {
      room.people(count);
      await eventually(
        async () => expect(await ask('vic', `status ${name}`)).toContain(`people: ${word}`),
        30_000,
      );
    };
    await people(attic, 'attic', 2, 'yes');
    await people(boardroom, 'boardroom 1', 1, 'yes');
    await people(boardroom, 'boardroom 1', 0, 'no');
    expect(await ask('vic', 'find a free room')).toMatch(/Free now:\n\n- \*\*boardroom-1\*\*$/);

    expect(await ask('ann', 'release boardroom 1')).toContain('no booking runs');
    const now = Date.now();
    for (const room of [boardroom, attic])
      room.bookings.add({ title: 'Weekly', startAt: now - 1_000, endAt: now + 3_600_000 });
    await eventually(
      async () => expect(await ask('vic', 'find a free room')).toContain('No room is surely free now'),
      20_000,
    );
    expect(await ask('vic', 'release boardroom 1')).toContain('takes an operator');
    expect(await ask('ann', 'release attic')).toMatch(/failed.*presence is yes/);
    expect(await ask('ann', 'release boardroom 1')).toContain('released the booking');
    expect([boardroom.bookings.list().length, attic.bookings.list().length]).toEqual([0, 1]);

    expect(await ask('vic', 'why boardroom 1')).toContain('boardroom-1');
    await ask('ann', 'hold attic because exam');
    expect(await ask('vic', 'why attic')).toMatch(/\*\*attic\*\*:[^]*exam/);
  }, 120_000);

  test('calls after the countdown, muted, and only numbers that are allowed; asks in words', async () => {
    const simulator = await simulated([{ name: 'boardroom-1', model: builtInModels.room }]);
    const { ask, say, answers } = await chatWorld(simulator, { macros: MACROS });
    await eventually(async () => expect(await ask('ann', 'offline')).toContain('All 1 device'), 15_000);
    const { core, calls } = simulator.device('boardroom-1').state;

    const asked = await say('ann', 'run lights out on boardroom 1');
    const [question = ''] = await answers(asked);
    const [, code = ''] = /answer (\w+) NUMBER/.exec(question) ?? [];
    expect(await ask('ann', 'answer WRONG234 1')).toContain('Nothing waits for the code');
    await say('ann', `answer ${code.toLowerCase()} run`);
    await eventually(() => expect(core.status.get('Standby.State')).toBe('Standby'), 15_000);
    expect((await answers(asked, 3)).at(-1)).toContain('**boardroom-1**: succeeded');

    const refused = await answers(await say('ann', 'call boardroom 1 +4799'), 2);
    expect(refused[1]).toContain('not among the numbers that macros may dial');
    expect(calls.list()).toEqual([]);
    const called = await answers(await say('ann', 'call boardroom 1 standup@example.com'), 2);
    expect(called[1]).toContain('dialled standup@example.com');
    expect(calls.list()).toHaveLength(1);
    expect(core.status.get('Audio.Microphones.Mute')).toBe('On');
  }, 60_000);
});

const MACROS = `
macros:
  - name: lights-out
    devices: all
    steps: [{ standby: "on" }]
  - name: cleaning
    devices: all
    when: { chat: cleaning }
    steps: [{ message: { text: "Cleaning, asked by {{trigger.by}}" } }]
  - name: still-here
    devices: all
    steps:
      - prompt: { text: "Do you still need the room?", options: [Keep, Release], within: 1m, alsoAsk: ops }
        as: asked
      - log: "{{steps.asked.answer}} by {{steps.asked.by}}"
  - name: help
    devices: all
    when: { card: help }
    steps: [{ message: { text: "{{trigger.by}} is coming" } }]
  - name: incident
    devices: all
    steps:
      - space: { create: "Help in {{device.name}}", invite: [ann@example.com], markdown: "see the card", card: help.json }
        as: room
      - space: { room: "{{steps.room.roomId}}", file: plan.txt }
      - space: { room: "{{steps.room.roomId}}", archive: true }
`;

const CARD = JSON.stringify({
  type: 'AdaptiveCard',
  version: '1.3',
  body: [{ type: 'TextBlock', text: 'Help in {{device.name}}?' }],
  actions: [{ type: 'Action.Submit', title: 'I go', data: { roomd: 'help' } }],
});

async function byWebhook(
  names: readonly string[] = ['boardroom-1'],
): Promise<ChatWorld & { room: () => Room; simulator: Simulator }> {
  const simulator = await simulated(names.map((name) => ({ name, model: builtInModels.room })));
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'help.json'), CARD);
  writeFileSync(join(folder, 'plan.txt'), 'left, then right');
  const world = await chatWorld(simulator, { byWebhook: true, macros: MACROS, folder });
  await eventually(async () => expect(await world.ask('ann', 'offline')).toContain('All '), 20_000);
  return { ...world, simulator, room: () => simulator.device(names[0] ?? '').state };
}

type Room = ReturnType<Awaited<ReturnType<typeof simulated>>['device']>['state'];

describe('The bot, told by webhook', () => {
  test('asks by a card before it runs a macro; a replayed, forged or unentitled press does nothing', async () => {
    const { say, webex, act, room, answers } = await byWebhook();
    const asked = await say('ann', 'run lights out on boardroom 1');
    const card = await cardIn(webex, 'Run lights-out');
    const [yes = {}, no = {}] = [card.buttons['Run'], card.buttons['Leave it']];
    expect(no['roomdNonce']).toBe(yes['roomdNonce']);

    webex.press('vic@example.com', card.id, yes);
    webex.press('sam@elsewhere.org', card.id, yes);
    webex.press('ann@example.com', card.id, { ...yes, roomdNonce: 'f'.repeat(64) });
    await eventually(async () => expect(await refusals(act)).toHaveLength(3), 15_000);
    expect((await act(listRuns, { macro: 'lights-out' })).items).toEqual([]);

    webex.press('ann@example.com', card.id, yes);
    await eventually(() => expect(room().core.status.get('Standby.State')).toBe('Standby'), 15_000);
    await eventually(async () => {
      expect((await act(listRuns, { macro: 'lights-out' })).items).toMatchObject([
        { trigger: 'by webex:ann@example.com', state: 'succeeded' },
      ]);
    });
    expect((await answers(asked, 3)).join('\n')).toContain('ann@example.com chose **Run**');

    await say('ann', 'run lights out on boardroom 1');
    const other = await cardIn(webex, 'Run lights-out');
    expect(other.id).not.toBe(card.id);
    webex.press('ann@example.com', other.id, yes);
    await eventually(async () => expect(await refusals(act)).toHaveLength(4), 15_000);
    webex.press('ann@example.com', other.id, other.buttons['Leave it'] ?? {});
    await eventually(() => expect(webex.messages().some(({ id }) => id === other.id)).toBe(false), 15_000);
    expect((await act(listRuns, { macro: 'lights-out' })).items).toHaveLength(1);
  }, 60_000);

  test('keeps its two webhooks, takes away older ones of its own, and turns away what Webex did not sign', async () => {
    const webex = await chatStandIn();
    const stale = (name: string) =>
      fetch(`${webex.url}/webhooks`, {
        method: 'POST',
        headers: { authorization: 'Bearer bot-token', 'content-type': 'application/json' },
        body: JSON.stringify({
          name,
          targetUrl: 'http://127.0.0.1:9',
          resource: 'messages',
          event: 'created',
        }),
      });
    await stale('roomd: messages');
    await stale('of somebody else');
    const simulator = await simulated([{ name: 'attic' }]);
    const { hookUrl, act, ask } = await chatWorld(simulator, { webex, byWebhook: true });
    expect(await ask('vic', 'status')).toContain('1 device');
    await eventually(() =>
      expect(webex.webhooks.map(({ name, resource }) => `${name} ${resource}`).toSorted()).toEqual([
        'of somebody else messages',
        'roomd: attachmentActions attachmentActions',
        'roomd: messages messages',
      ]),
    );
    const forged = JSON.stringify({ id: 'x', resource: 'messages', event: 'created', data: { id: 'm' } });
    const post = (url: string, headers: Record<string, string> = {}) =>
      fetch(url, { method: 'POST', body: forged, headers }).then(({ status }) => status);
    expect(await post(hookUrl)).toBe(401);
    expect(await post(hookUrl, { 'x-spark-signature': '0'.repeat(40) })).toBe(401);
    expect(await post(`${hookUrl}/else`)).toBe(404);
    await eventually(async () => {
      const deeds = (await act(listEvents, { kinds: 'chat' })).items.map(({ payload }) => payload);
      expect(deeds.filter((deed) => (deed as { what: string }).what === 'forged-post')).toHaveLength(1);
    });
  }, 60_000);

  test('asks the room and the space at once, and the first answer withdraws the other question', async () => {
    const { webex, act, room } = await byWebhook();
    const run = act(runMacro, { macro: 'still-here', device: 'boardroom-1' });
    const card = await cardIn(webex, 'Do you still need the room?');
    await eventually(() => expect(room().screen.now()).toHaveLength(1));
    webex.press('ann@example.com', card.id, card.buttons['Keep'] ?? {});
    const first = await run;
    expect(first.steps.map(({ result }) => result)).toEqual([
      'ann@example.com chose "Keep" (option 1)',
      'Keep by ann@example.com',
    ]);
    expect(room().screen.now()).toEqual([]);
    expect(webex.messages().at(-1)?.markdown).toContain('ann@example.com chose **Keep**');

    const second = act(runMacro, { macro: 'still-here', device: 'boardroom-1' });
    const again = await cardIn(webex, 'Do you still need the room?');
    await eventually(() => expect(room().screen.now()).toHaveLength(1));
    room().screen.respond(2);
    expect((await second).steps[0]?.result).toBe('someone chose "Release" (option 2)');
    expect(webex.messages().some(({ id }) => id === again.id)).toBe(false);
    expect(webex.messages().at(-1)?.markdown).toContain('somebody in the room chose **Release**');
  }, 60_000);

  test('sets macros off by a word and by a card, and fills a space', async () => {
    const { webex, act, ask, room } = await byWebhook();
    expect(await ask('vic', 'cleaning boardroom-1')).toContain('takes an operator');
    expect(await ask('ann', 'Cleaning')).toContain('Say on which device');
    expect(await ask('ann', 'Cleaning Boardroom 1')).toContain('On it: cleaning on boardroom-1');
    await eventually(() =>
      expect(room().screen.now()).toMatchObject([{ text: 'Cleaning, asked by webex:ann@example.com' }]),
    );

    const run = await act(runMacro, { macro: 'incident', device: 'boardroom-1' });
    expect(run).toMatchObject({ state: 'succeeded' });
    const space = webex.rooms.at(-1);
    expect(space?.title).toBe('Archived: Help in boardroom-1');
    expect(
      webex.memberships.filter(({ groupId }) => groupId === space?.id).map(({ personId }) => personId),
    ).toEqual(['bot', 'ann']);
    expect(webex.messages().find(({ roomId }) => roomId === space?.id)?.files).toEqual([]);
    expect(webex.messages().at(-1)?.files).toHaveLength(1);

    const card = await cardIn(webex, 'see the card');
    const press = card.buttons['I go'] ?? {};
    webex.press('ann@example.com', card.id, { ...press, roomd: 'lights' });
    webex.press('ann@example.com', card.id, press);
    await eventually(() =>
      expect(room().screen.now()).toContainEqual(
        expect.objectContaining({ text: 'webex:ann@example.com is coming' }),
      ),
    );
    webex.press('ann@example.com', card.id, press);
    await eventually(async () => expect(await refusals(act)).toHaveLength(3));
    expect((await act(listRuns, { macro: 'help' })).items).toHaveLength(1);
  }, 60_000);

  test('shows a plan and applies it only when an operator presses Apply', async () => {
    const simulator = await simulated([{ name: 'attic' }]);
    const { say, ask, answers, webex } = await chatWorld(simulator, {
      byWebhook: true,
      configuration: { 'SystemUnit.Name': 'Attic' },
    });
    await eventually(async () => expect(await ask('vic', 'offline')).toContain('All '), 20_000);
    expect(await ask('vic', 'plan')).toContain('SystemUnit.Name');
    const asked = await say('ann', 'plan attic');
    const card = await cardIn(webex, 'Write 1 change to attic?');
    expect(webex.messages().filter(({ attachments }) => attachments.length > 0)).toHaveLength(1);
    webex.press('ann@example.com', card.id, card.buttons['Apply'] ?? {});
    expect((await answers(asked, 3)).at(-1)).toContain('1 accepted');
    expect(simulator.device('attic').state.core.configuration.get('SystemUnit.Name')).toBe('Attic');
  }, 60_000);

  test('a card from before a restart works once, and a repeated press of it is refused', async () => {
    const before = await byWebhook();
    const { webex, folder, say, act } = before;
    expect((await act(runMacro, { macro: 'incident', device: 'boardroom-1' })).state).toBe('succeeded');
    const help = await cardIn(webex, 'see the card');
    const asked = await say('ann', 'run lights out on boardroom 1');
    const run = await cardIn(webex, 'Run lights-out');
    await before.daemon.stop();
    expect(webex.messages().some(({ id }) => id === run.id)).toBe(true);

    const after = await chatWorld(before.simulator, { webex, byWebhook: true, macros: MACROS, folder });
    await eventually(async () => expect(await after.ask('ann', 'offline')).toContain('All '), 20_000);
    webex.press('vic@example.com', run.id, run.buttons['Run'] ?? {});
    webex.press('ann@example.com', run.id, run.buttons['Run'] ?? {});
    webex.press('ann@example.com', help.id, help.buttons['I go'] ?? {});
    await eventually(() => expect(before.room().core.status.get('Standby.State')).toBe('Standby'), 15_000);
    expect((await after.answers(asked, 3)).join('\n')).toMatch(
      /ann@example.com chose \*\*Run\*\*[^]*succeeded/,
    );
    expect(webex.messages().some(({ id }) => id === run.id)).toBe(false);
    const ended = async (macro: string) =>
      (await after.act(listRuns, { macro })).items.filter(({ state }) => state === 'succeeded');
    await eventually(async () => expect(await ended('help')).toHaveLength(1), 15_000);

    const count = (await refusals(after.act)).length;
    // Its card is gone; what its button held is no good at another one either.
    webex.press('ann@example.com', help.id, run.buttons['Run'] ?? {});
    webex.press('ann@example.com', help.id, help.buttons['I go'] ?? {});
    await eventually(async () => expect(await refusals(after.act)).toHaveLength(count + 2), 15_000);
    expect((await after.act(listRuns, { macro: 'lights-out' })).items).toHaveLength(1);
    expect((await after.act(listRuns, { macro: 'help' })).items).toHaveLength(1);
  }, 90_000);

  test('goes on with everything else when the token is revoked, and says so', async () => {
    const webex = await chatStandIn();
    const simulator = await simulated([{ name: 'attic' }]);
    const { ask, get, log } = await chatWorld(simulator, { webex });
    expect(await ask('vic', 'status')).toContain('1 device');
    webex.tokens.endAccess('bot-token');
    await eventually(async () => {
      const health = (await (await get('/healthz')).json()) as {
        parts: { part: string; reason: string }[];
      };
      const { reason } = health.parts.find(({ part }) => part === 'chat') ?? {};
      expect(reason).toContain('does not take the token of systems.webex');
    }, 15_000);
    expect((await get('/readyz')).status).toBe(200);
    expect(log.filter(({ message }) => message.includes('Webex bot does not work'))).toHaveLength(1);
  }, 60_000);
});

async function refusals(act: ChatWorld['act']): Promise<unknown[]> {
  const { items } = await act(listEvents, { kinds: 'chat' });
  return items.filter(({ payload }) => (payload as { what: string }).what === 'refused');
}
