import { describe, expect, it } from 'vitest';
import { covers, keysOf, nodePath, parseExpression, textOf, touches } from '../../src/simulator/node-path.ts';

const STATUS = nodePath('Status.Call[80].Status').keys;

describe('paths', () => {
  it('are read and written in the dotted form', () => {
    const path = nodePath('Video.Output.Connector[2].Resolution');
    expect(path.tokens).toEqual(['Video', 'Output', 'Connector', 2, 'Resolution']);
    expect(textOf(path.tokens)).toBe(path.text);
  });
});

describe('queries', () => {
  it('cover what lies at or below them, ids or not', () => {
    for (const query of [
      ['Status'],
      ['Status', 'Call'],
      ['Status', 'Call', 80],
      ['Status', 'Call', 'Status'],
      ['Status', '*', 'Status'],
      ['Status', 'Call', '*', 'Status'],
      ['Status', '**', 'Status'],
    ])
      expect([query, covers(keysOf(query), STATUS)]).toEqual([query, true]);
    for (const query of [
      ['Status', 'Call', 81],
      ['Status', 'Audio'],
      ['Status', '**', 'DisplayName'],
      ['Event'],
    ])
      expect([query, covers(keysOf(query), STATUS)]).toEqual([query, false]);
  });

  it('touch a node above what they cover', () => {
    const call = nodePath('Status.Call[80]').keys;
    expect(touches(keysOf(['Status', 'Call', 'Status']), call)).toBe(true);
    expect(touches(keysOf(['Status', 'Call', 81, 'Status']), call)).toBe(false);
    expect(covers(keysOf(['Status', 'Call', 'Status']), call)).toBe(false);
  });

  it('are read from the forms that feedback expressions come in', () => {
    for (const [expression, query] of [
      ['/Status/Call[1]/Status', ['status', 'call', 1, 'status']],
      ["/Status/Call[@item='1']/Status", ['status', 'call', 1, 'status']],
      ['/event/UserInterface', ['event', 'userinterface']],
      ['Status//Status', ['status', '**', 'status']],
      ['//Status', ['**', 'status']],
      ['', null],
      ['/Status/[', null],
    ] as const)
      expect(parseExpression(expression)).toEqual(query);
  });
});
