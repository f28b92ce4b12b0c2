import { describe, expect, it } from 'vitest';
import { formatPattern } from '../../../src/schema/path-pattern.ts';
import {
  NotationError,
  parseCommands,
  parseEvents,
  parseSettings,
  parseStatuses,
} from '../../../src/simulator/models/notation.ts';

describe('The notation of models', () => {
  it('reads settings with value space, flags and default', () => {
    expect(
      parseSettings('Audio.DefaultVolume int 0..100 user = 50\nA.Password text 1..64 admin hidden'),
    ).toEqual([
      {
        path: [
          { name: 'Audio', index: null },
          { name: 'DefaultVolume', index: null },
        ],
        valueSpace: { type: 'Integer', min: 0, max: 100, step: null },
        defaults: { all: '50', byIndex: {} },
        roles: ['Admin', 'Integrator', 'User'],
        hidden: false,
      },
      {
        path: [
          { name: 'A', index: null },
          { name: 'Password', index: null },
        ],
        valueSpace: { type: 'String', minLength: 1, maxLength: 64 },
        defaults: { all: '', byIndex: {} },
        roles: ['Admin'],
        hidden: true,
      },
    ]);
  });

  it('puts a bare path before the indented lines below it', () => {
    const settings = parseSettings(`
      # indented as a whole, this says nothing
Video.Input.Connector[1..2]
  Name text 0..50 = [1] PC 1 (HDMI); [2] Camera = 2
  Quality Auto| = Auto
Standby.Control Off|On = On
`);
    expect(settings.map(({ path }) => formatPattern(path))).toEqual([
      'Video.Input.Connector[1..2].Name',
      'Video.Input.Connector[1..2].Quality',
      'Standby.Control',
    ]);
    expect(settings[0]?.defaults).toEqual({ all: null, byIndex: { 1: 'PC 1 (HDMI)', 2: 'Camera = 2' } });
    expect(settings[1]?.valueSpace).toEqual({ type: 'Literal', values: ['Auto'] });
  });

  it('reads statuses, commands with arguments, and events', () => {
    expect(parseStatuses('Call[n]\n  Duration int\n  Status Ringing|Idle')[1]).toEqual({
      path: [
        { name: 'Call', index: { first: null, last: null } },
        { name: 'Status', index: null },
      ],
      valueSpace: { type: 'Literal', values: ['Ringing', 'Idle'] },
    });
    expect(
      parseCommands('A.Save admin body\n  Role!*9 X|Y\n  Option.1 text 0..5 =\nB.Stop user').map(
        ({ path, params, multiline, roles }) => [path.join(' '), multiline, roles.length, params],
      ),
    ).toEqual([
      [
        'A Save',
        true,
        1,
        [
          {
            name: 'Role',
            required: true,
            repeat: 9,
            default: null,
            valueSpace: { type: 'Literal', values: ['X', 'Y'] },
          },
          {
            name: 'Option.1',
            required: false,
            repeat: null,
            default: '',
            valueSpace: { type: 'String', minLength: 0, maxLength: 5 },
          },
        ],
      ],
      ['B Stop', false, 3, []],
    ]);
    expect(parseEvents('Standby\n  Reset\nBootEvent')).toEqual([
      { path: ['Standby', 'Reset'] },
      { path: ['BootEvent'] },
    ]);
  });

  it.each([
    ['Audio.Volume int 0..9', 'only text may go without a default'],
    ['Audio.Volume = 5', 'needs a value space'],
    ['Audio.Volume float = 5', '"float" is no value space'],
    ['Audio.Volume int 0..9 loud = 5', '"loud" means nothing here'],
    ['Audio..[x] int = 5', 'line 1'],
    ['  Volume int = 5', 'indented below no bare path'],
    ['Audio.Volume int = 5\n  Level int = 5', 'line 2'],
  ])('refuses %j', (notation, why) => {
    expect(() => parseSettings(notation)).toThrow(NotationError);
    expect(() => parseSettings(notation)).toThrow(why);
  });

  it('refuses an argument without a command', () => {
    expect(() => parseCommands('  Level int')).toThrow('no command before it');
  });
});
