import { describe, expect, test } from 'vitest';
import { listEvents } from '../../src/actions/events.ts';
import { listHolds } from '../../src/actions/hold.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { chatWorld } from '../support/chat-world.ts';
import { eventually, simulated } from '../support/world.ts';

const LONG_MS = 60_000;

describe('The bot, asked by polling', () => {
  test(
    'answers a viewer in the thread, lets an operator act, and refuses a stranger once',
    async () => {
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
      const toStrangers = webex
        .messages()
        .filter(({ parentId }) => parentId === second || parentId === third);
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
    },
    LONG_MS,
  );

  test(
    'calls with the countdown, muted, and only numbers that are allowed',
    async () => {
      const simulator = await simulated([{ name: 'boardroom-1', model: builtInModels.room }]);
      const { ask, say, answers } = await chatWorld(simulator);
      await eventually(async () => expect(await ask('ann', 'offline')).toContain('All 1 device'), 15_000);
      expect(await say('ann', 'call boardroom 1 +4799')).toBeTruthy();
      const refused = await answers(await say('ann', 'call boardroom 1 +4799'), 2);
      expect(refused[1]).toContain('not among the numbers that macros may dial');
      expect(simulator.device('boardroom-1').state.calls.list()).toEqual([]);
    },
    LONG_MS,
  );
});
