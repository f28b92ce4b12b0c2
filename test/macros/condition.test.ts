import { describe, expect, it } from 'vitest';
import type { Occupancy } from '../../src/fleet/occupancy.ts';
import {
  type Condition,
  ConditionError,
  type ConditionFacts,
  compileCondition,
} from '../../src/macros/condition.ts';
import { checkCondition } from '../../src/macros/condition-check.ts';
import { type MacroState, macroStateOf } from '../../src/macros/ports.ts';
import { triggerFacts } from '../../src/macros/trigger.ts';
import { ROOM_LANGUAGE } from '../../src/macros/vocabulary.ts';
import { sampleDevice } from './sample-fleet.ts';
import { IN_USE } from './step-context.ts';

function facts(state: Partial<MacroState> = {}, occupancy: Occupancy['state'] | null = null): ConditionFacts {
  const device = sampleDevice('boardroom-1', { tags: { site: 'oslo', floor: '3' } });
  return {
    room: { device, state: { ...IN_USE, peopleCount: 3, ...state }, occupancy, records: null },
    fleet: null,
    wall: Date.UTC(2026, 10, 23, 8, 55),
    trigger: triggerFacts('schedule'),
    outputs: new Map(),
  };
}

function compile(text: string): Condition {
  return compileCondition(text, ROOM_LANGUAGE);
}

function check(text: string): string[] {
  return checkCondition(text, ROOM_LANGUAGE);
}

function holds(text: string, given = facts()): boolean {
  expect(check(text)).toEqual([]);
  return compile(text).evaluate(given);
}

describe('a condition', () => {
  it.each([
    ["presence == 'yes' && !inCall", true],
    ["presence == 'no'", false],
    ['peopleCount == 3', true],
    ['peopleCount >= 4 || sharing', false],
    ["callStatus in ['none', 'idle']", true],
    ["standby == 'off'", true],
    ["tags.site == 'oslo' && tags['floor'] == '3'", true],
    ["'vip' in tags", false],
    ["has(tags.vip) && tags.vip == 'true'", false],
    ["device.kind == 'room' && device.site == 'oslo' && device.name.startsWith('board')", true],
    ["localTime.weekday == 'monday' && localTime.hour in [8, 9] && localTime.minute < 56", true],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  it('reads the occupancy only where it is named', () => {
    expect(compile("presence == 'yes'").needs.occupancy).toBe(false);
    const condition = compile("occupancy == 'free'");
    expect(condition.needs.occupancy).toBe(true);
    expect(condition.evaluate(facts({}, 'free'))).toBe(true);
    expect(condition.evaluate(facts({}, 'unknown'))).toBe(false);
  });

  it('is never true by a fact that is not known', () => {
    const unknown = facts({ peopleCount: null, inCall: null, sharing: null, presence: 'unknown' });
    for (const text of [
      '!inCall',
      'peopleCount < 1',
      'peopleCount == 0',
      '!sharing',
      "presence != 'no' && !inCall",
    ])
      expect(() => holds(text, unknown)).toThrow(ConditionError);
    expect(() => holds('!inCall', unknown)).toThrow('the condition needs inCall, which is not known now');
  });

  it('can ask first whether a fact is known', () => {
    const unknown = facts({ peopleCount: null, inCall: null });
    expect(holds('callKnown && !inCall', unknown)).toBe(false);
    expect(holds('peopleCountKnown && peopleCount == 0', unknown)).toBe(false);
    expect(holds("presence == 'yes' || peopleCount > 0", unknown)).toBe(true);
  });

  it('is undecided where a tag is missing or a number divided by zero', () => {
    expect(() => holds("tags.vip == 'true'")).toThrow('the condition needs vip, which is not known now');
    expect(() => holds('1 / (peopleCount - 3) == 1')).toThrow(ConditionError);
  });
});

describe('checkCondition', () => {
  it.each([
    ["presense == 'yes'", /at its column 1: "presense" is not known. Did you mean "presence"\?/],
    ['inCall || peopleCuont > 1', /at its column 11: .*Did you mean "peopleCount"/],
    ['presence ==', /at its column 12: the condition ends too early/],
    ["presence = 'yes'", /at its column 10: a single = compares nothing here: write ==\.$/],
    ["presence == 'yes' & inCall", /at its column 19: a single & joins nothing here: write &&\.$/],
    ["presence == 'yes' | inCall", /at its column 19: a single \| joins nothing here: write \|\|\.$/],
    ["inCall == 'yes'", /no such overload: bool == string/],
    ["device.nme == 'x'", /at its column 8: there is no "nme" here. Did you mean "name"/],
    [
      "presence == 'yse'",
      /at its column 13: presence is never 'yse'; it is one of yes, no, unknown. Did you mean "yes"/,
    ],
    ["'On' == standby", /standby is never 'On'; it is one of off, halfwake/],
    ["callStatus != 'conected'", /callStatus is never 'conected'.*Did you mean "connected"/],
    ["presence in ['yes', 'maybe']", /presence is never 'maybe'/],
    ["localTime.weekday == 'Monday'", /localTime.weekday is never 'Monday'.*Did you mean "monday"/],
    ["device.name.matches('(a+)+$')", /matches\(\) is not to be used/],
    ["tags.exists(t, t.matches('x'))", /matches\(\) is not to be used/],
    ['peopleCount', /the condition is a int, neither true nor false/],
    ['"', /at its column/],
    ['(('.repeat(40), /./],
    [`presence == '${'x'.repeat(10)}'${" || presence == 'no'".repeat(200)}`, /./],
  ])('refuses %s', (text, message) => {
    expect(check(text).join('\n')).toMatch(message);
  });

  it('tells every wrong word and its line', () => {
    expect(check("presence == 'yse' ||\n  standby == 'of'")).toEqual([
      expect.stringContaining('at its column 13'),
      expect.stringContaining('at its line 2, column 14'),
    ]);
  });
});

describe('macroStateOf', () => {
  it('says unknown, never no, of a device that nothing was heard of', () => {
    expect(macroStateOf(null)).toEqual({
      presence: 'unknown',
      peopleCount: null,
      inCall: null,
      callStatus: 'unknown',
      standby: 'unknown',
      sharing: null,
      sensors: {},
    });
  });

  it('puts the device’s words into those of conditions', () => {
    const live = {
      presence: 'yes',
      peopleCount: 2,
      inCall: true,
      callStatus: 'OnHold',
      standby: 'Halfwake',
      inUse: null,
      sharing: false,
      microphonesMuted: null,
      since: 0,
      source: 'session',
    } as const;
    expect(macroStateOf(live)).toMatchObject({ callStatus: 'onhold', standby: 'halfwake', inCall: true });
    expect(macroStateOf({ ...live, inCall: false, callStatus: null }).callStatus).toBe('none');
  });
});
