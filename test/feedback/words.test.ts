import { describe, expect, test } from 'vitest';
import { heardEvents, heardReading, heardSession, newTrack } from '../../src/feedback/track.ts';
import { differingWord, wordsAfter, wordsIn } from '../../src/feedback/words.ts';

const CALL = 'Call[3].Status';

describe('words', () => {
  test('differ where a call, standby or a peripheral does, and not where a count or a sensor moved', () => {
    const words = wordsIn(
      { [CALL]: 'Connected', 'Standby.State': 'Off', 'RoomAnalytics.AmbientTemperature': '21' },
      0,
    );
    const same = { [CALL]: 'Connected', 'Standby.State': 'Off', 'RoomAnalytics.AmbientTemperature': '23' };
    expect(differingWord(words, wordsIn(same, 9))).toBeNull();
    expect(differingWord(words, wordsIn({ 'Standby.State': 'Off' }, 9))).toBe(CALL);
    expect(
      differingWord(
        wordsAfter(words, { leaves: {}, gone: ['Call[3]'] }),
        wordsIn({ 'Standby.State': 'Off' }, 9),
      ),
    ).toBeNull();
  });

  test('an uptime that began anew is one, seconds of delay are not', () => {
    const words = wordsIn({ 'SystemUnit.Uptime': '600' }, 1_000_000);
    expect(differingWord(words, wordsIn({ 'SystemUnit.Uptime': '655' }, 1_060_000))).toBeNull();
    expect(differingWord(words, wordsIn({ 'SystemUnit.Uptime': '10' }, 1_060_000))).toBe('SystemUnit.Uptime');
  });
});

describe('a reading', () => {
  const up = heardSession(newTrack(0), { state: 'up', since: 0, reason: null, errorCode: null }, 0).track;
  const reading = { source: 'sweep', conclusive: true, isFirst: false } as const;
  const quiet = { 'RoomAnalytics.PeoplePresence': 'No', 'Standby.State': 'Off' };

  test('that lacks a call which the record has is taken, once posts under way have had their time', () => {
    const { track } = heardReading(up, quiet, { ...reading, at: 1 });
    const begun = heardEvents(
      track,
      [{ kind: 'status', path: CALL, payload: { leaves: { [CALL]: 'Connected' }, gone: [] } }],
      { at: 2, source: 'webhook' },
    );
    expect(heardReading(begun, quiet, { ...reading, at: 3, conclusive: false })).toMatchObject({
      readAgain: true,
      events: [],
    });
    const taken = heardReading(begun, quiet, { ...reading, at: 4 });
    // Presence was never in doubt, so no gap is torn.
    expect(taken.events.map(({ event }) => event.kind)).toEqual(['snapshot']);
    expect(heardReading(taken.track, quiet, { ...reading, at: 5 }).events).toEqual([]);
  });
});
