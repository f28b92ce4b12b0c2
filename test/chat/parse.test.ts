import { describe, expect, it } from 'vitest';
import { bookOf, deviceBook, Misread } from '../../src/chat/names.ts';
import { choiceOf, readCommand, type Vocabulary, withoutMention } from '../../src/chat/parse.ts';
import type { DesiredSetting } from '../../src/fleet/fleet.ts';
import { sampleDevice } from '../macros/sample-fleet.ts';

const shown = (value: string): DesiredSetting => ({
  path: 'SystemUnit.Name',
  value,
  origin: { layer: 'device', place: { file: 'fleet.yaml', line: 1, column: 1 }, shown: value },
  overridden: [],
});

const VOCABULARY: Vocabulary = {
  devices: deviceBook([
    sampleDevice('boardroom-1', { configuration: new Map([['SystemUnit.Name', shown('The Bridge')]]) }),
    sampleDevice('boardroom'),
    sampleDevice('hold'),
    sampleDevice('desk.17', { configuration: new Map([['SystemUnit.Name', shown('Twin')]]) }),
    sampleDevice('desk.18', { configuration: new Map([['SystemUnit.Name', shown('Twin')]]) }),
  ]),
  sites: bookOf([['Oslo HQ', 'Oslo HQ']]),
  macros: bookOf([
    ['lights-out', 'lights-out'],
    ['lights', 'lights'],
  ]),
  words: new Set(['cleaning']),
};

function read(text: string): object {
  const command = readCommand(text, VOCABULARY);
  return command instanceof Misread ? { misread: command.message } : command;
}

describe('what people say to the bot', () => {
  it.each([
    ['HELP', { kind: 'help' }],
    ['', { kind: 'help' }],
    ['please status?', { kind: 'status', device: null }],
    ['Status of Boardroom 1', { kind: 'status', device: 'boardroom-1' }],
    ['status the bridge', { kind: 'status', device: 'boardroom-1' }],
    ['why is desk 17', { kind: 'why', device: 'desk.17' }],
    ['find a free room', { kind: 'find', site: null, people: null }],
    ['free rooms in oslo hq for 12', { kind: 'find', site: 'Oslo HQ', people: 12 }],
    ['find a free room for 8 people in Oslo HQ', { kind: 'find', site: 'Oslo HQ', people: 8 }],
    ['mute “boardroom 1”', { kind: 'mute', device: 'boardroom-1' }],
    ['call boardroom 1 a@example.com', { kind: 'call', device: 'boardroom-1', number: 'a@example.com' }],
    ['call a@example.com from boardroom', { kind: 'call', device: 'boardroom', number: 'a@example.com' }],
    ['run lights out on boardroom', { kind: 'run', macro: 'lights-out', device: 'boardroom' }],
    ['run lights', { kind: 'run', macro: 'lights', device: null }],
    ['hold because: fire drill', { kind: 'hold', device: null, reason: 'fire drill' }],
    ['hold boardroom because paint', { kind: 'hold', device: 'boardroom', reason: 'paint' }],
    ['release hold', { kind: 'release hold', device: null }],
    ['release the hold on boardroom', { kind: 'release hold', device: 'boardroom' }],
    ['release boardroom', { kind: 'release', device: 'boardroom' }],
    [
      'Cleaning boardroom before noon',
      { kind: 'word', word: 'cleaning', device: 'boardroom', rest: 'before noon' },
    ],
    ['answer k7qf2345 Leave it', { kind: 'answer', code: 'K7QF2345', choice: 'Leave it' }],
  ])('"%s" is understood', (text, command) => {
    expect(read(text)).toEqual(command);
  });

  it.each([
    ['statsu', 'Did you mean "status"?'],
    ['mute boardrom 1', 'Did you mean "boardroom-1"?'],
    ['mute', 'say of which device'],
    ['status twin', 'may be desk.17 or desk.18'],
    ['run lihgts on boardroom', 'Did you mean "lights"?'],
    ['call boardroom 1', 'say whom boardroom-1 is to call'],
    ['constructor', 'I do not understand'],
  ])('"%s" is asked about and not guessed', (text, message) => {
    expect(read(text)).toEqual({ misread: expect.stringContaining(message) });
  });

  it('loses the mention of the bot, however it is written', () => {
    const texts = ['roomd status', '@Roomd, status', 'status roomd', '<@personId:x|roomd> status', 'status'];
    expect(texts.map((text) => withoutMention(text, 'roomd'))).toEqual(texts.map(() => 'status'));
    expect(withoutMention('Room status', 'Room Bot')).toBe('status');
  });

  it('takes an option by its number or its words, and none that is not there', () => {
    const choices = ['1', 'leave IT', '3', '0', 'run it'].map((said) => choiceOf(said, ['Run', 'Leave it']));
    expect(choices).toEqual([1, 2, null, null, null]);
  });
});
