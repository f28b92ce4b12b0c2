import { describe, expect, test } from 'vitest';
import type { DesiredDeviceMacro, DesiredSetting } from '../../../src/fleet/fleet.ts';
import { DeviceMacroResource, observeLogs } from '../../../src/fleet/resources/device-macro.ts';
import { builtInModels } from '../../../src/simulator/models/built-in.ts';
import {
  applyUntilDone,
  type ContentWorld,
  contentWorld,
  PLACE,
  PRESETS,
  rebootAt,
  TRANSPORTS,
  wanting,
  without,
} from './content-world.ts';

const SOURCE = "import xapi from 'xapi';\nconsole.log('lights <on> & æøå');\n";
const ON = { 'Macros.Mode': 'On' };

function macro(name: string, more: Partial<DesiredDeviceMacro> = {}): DesiredDeviceMacro {
  return { name, source: SOURCE, active: true, place: PLACE, ...more };
}

async function world(options: Parameters<typeof contentWorld>[0] = {}): Promise<ContentWorld> {
  const made = await contentWorld({ configuration: ON, ...options });
  return made.with(new DeviceMacroResource({ managed: made.managed }));
}

function held(made: ContentWorld): [string, string, boolean][] {
  const { macros } = made.simulated.state.content;
  return [...macros.values()].map(({ name, source, active }) => [name, source, active]);
}

function running(made: ContentWorld): Record<string, string> {
  return Object.fromEntries(made.simulated.state.content.running);
}

describe.each(PRESETS)('device macros, with all unknowns of the device %s', (_name, preset) => {
  test.each(TRANSPORTS)(
    'are put over %s and run after one restart of the runtime',
    async (_over, settings) => {
      const made = await world({ preset, configuration: { ...ON, ...settings } });
      const desired = wanting({ deviceMacros: [macro('lights'), macro('spare', { active: false })] });
      const plan = await made.plan(desired);
      expect(plan.changes.map(({ path, from, to }) => [path, from, to])).toEqual([
        ['DeviceMacro[lights]', null, expect.stringMatching(/^\d+ bytes, SHA-256 [0-9a-f]{12}, active$/)],
        ['DeviceMacro[spare]', null, expect.stringMatching(/, inactive$/)],
      ]);
      expect(await made.apply(desired)).toEqual([
        'DeviceMacro[lights] accepted',
        'DeviceMacro[spare] accepted',
      ]);
      expect(held(made)).toEqual([
        ['lights', SOURCE, true],
        ['spare', SOURCE, false],
      ]);
      expect(running(made)).toEqual({ lights: SOURCE });
      expect(made.simulated.state.content.macroRestarts).toBe(1);
      expect(await made.plan(desired)).toMatchObject({ state: 'in-sync', untouched: 2, hints: [] });
    },
  );

  test('that a person edited or switched off are put back and run again', async () => {
    const made = await world({ preset });
    const desired = wanting({ deviceMacros: [macro('lights'), macro('blinds')] });
    await made.apply(desired);
    made.byHand('Macros.Macro.Save', { Name: 'lights' }, 'broken();');
    made.byHand('Macros.Macro.Deactivate', { Name: 'blinds' });
    made.byHand('Macros.Runtime.Restart');
    expect(running(made)).toEqual({ lights: 'broken();' });
    expect(await made.apply(desired)).toEqual([
      'DeviceMacro[lights] accepted',
      'DeviceMacro[blinds] accepted',
    ]);
    expect(running(made)).toEqual({ lights: SOURCE, blinds: SOURCE });
  });

  test('change from active to inactive, and the runtime stays alone where nothing ran', async () => {
    const made = await world({ preset });
    await made.apply(wanting({ deviceMacros: [macro('lights', { active: false })] }));
    expect(made.simulated.state.content.macroRestarts).toBe(0);
    await made.apply(wanting({ deviceMacros: [macro('lights')] }));
    expect(running(made)).toEqual({ lights: SOURCE });
    await made.apply(wanting({ deviceMacros: [macro('lights', { active: false })] }));
    expect(running(made)).toEqual({});
    expect(made.simulated.state.content.macroRestarts).toBe(2);
  });

  test('that the file drops are removed if roomd put them there; those of others only with prune: all', async () => {
    const made = await world({ preset });
    made.byHand('Macros.Macro.Save', { Name: 'theirs' }, 'theirs();');
    await made.apply(wanting({ deviceMacros: [macro('lights')] }));
    expect(await made.apply(wanting({}))).toEqual(['DeviceMacro[lights] accepted']);
    expect(held(made).map(([name]) => name)).toEqual(['theirs']);
    expect(running(made)).toEqual({});
    const foreign = await made.plan(wanting({ deviceMacros: [macro('theirs')] }));
    expect(foreign.changes[0]?.from).toMatch(/^foreign: 9 bytes/);
    expect(await made.apply(wanting({ prune: 'all' }))).toEqual(['DeviceMacro[theirs] accepted']);
    expect(held(made)).toEqual([]);
  });

  test('above the size limit are refused in the device’s words, and the others are finished', async () => {
    const made = await world({ preset, settings: { largestMacroBytes: 100 } });
    const desired = wanting({ deviceMacros: [macro('large', { source: 'æ'.repeat(60) }), macro('lights')] });
    const results = await made.results(desired);
    expect(results.map(({ outcome }) => outcome)).toEqual(['refused', 'accepted']);
    expect(results[0]?.detail).toContain('Macro is too large');
    expect(running(made)).toEqual({ lights: SOURCE });
    expect(await made.ours('device-macro')).toEqual(['lights']);
  });

  test('all run after a restart of the device in the middle of an apply', async () => {
    const made = await world({ preset, settings: { bootLeadMs: 0 } });
    const desired = wanting({ deviceMacros: [macro('lights'), macro('blinds')] });
    rebootAt(made, 'Macros.Macro.Saved');
    await applyUntilDone(made, desired);
    expect(running(made)).toEqual({ lights: SOURCE, blinds: SOURCE });
    expect(await made.ours('device-macro')).toEqual(['blinds', 'lights']);
  });

  test('saved by a put that was cut off before the restart of the runtime are put again and run', async () => {
    const made = await world({ preset });
    const desired = wanting({ deviceMacros: [macro('lights')] });
    await made.apply(desired);
    const version2 = wanting({ deviceMacros: [macro('lights', { source: 'second();' })] });
    await made.managed.begin({ deviceId: 1, kind: 'device-macro', key: 'lights' });
    made.byHand('Macros.Macro.Save', { Name: 'lights' }, 'second();');
    expect(await made.apply(version2)).toEqual(['DeviceMacro[lights] accepted']);
    expect(running(made)).toEqual({ lights: 'second();' });
  });

  test('do not run while Macros.Mode is Off, which is a hint and never written', async () => {
    const made = await world({ preset, configuration: {} });
    const desired = wanting({ deviceMacros: [macro('lights')] });
    const plan = await made.plan(desired);
    expect(plan.hints).toEqual([expect.stringContaining('the line "Macros.Mode: On" would change that')]);
    expect(plan.state).toBe('drift');
    await made.apply(desired);
    expect(made.simulated.state.configuration('Macros.Mode')).toBe('Off');
    expect(running(made)).toEqual({});
  });

  test('cannot be kept by a product without the command', async () => {
    const made = await world({ preset, model: without(builtInModels.room, 'Macros.') });
    const plan = await made.plan(wanting({ deviceMacros: [macro('lights')] }));
    expect(plan.changes).toEqual([]);
    expect(plan.problems).toEqual([
      { path: 'DeviceMacro[lights]', message: expect.stringContaining('cannot keep device macros') },
    ]);
  });

  test.each(TRANSPORTS)(
    'write logs that are read on from where one was, over %s',
    async (_over, settings) => {
      const made = await world({ preset, configuration: { ...ON, ...settings } });
      const { content } = made.simulated.state;
      content.logMacro('lights', 'INFO', 'one');
      content.logMacro('lights', 'ERROR', 'two <&>');
      const first = await observeLogs(made.device, { offset: 0 });
      expect(first).toMatchObject([
        { offset: 1, level: 'INFO', macro: 'lights', message: 'one' },
        { offset: 2, level: 'ERROR', macro: 'lights', message: 'two <&>' },
      ]);
      expect(first[0]?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT/);
      content.logMacro('blinds', 'INFO', 'three');
      expect((await observeLogs(made.device, { offset: 2 })).map(({ message }) => message)).toEqual([
        'three',
      ]);
    },
  );
});

test('macros are compared later where the same file first switches them on', async () => {
  const made = await world({ configuration: {} });
  const mode: DesiredSetting = {
    path: 'Macros.Mode',
    value: 'On',
    origin: { layer: 'defaults', place: PLACE, shown: 'On' },
    overridden: [],
  };
  const desired = wanting(
    { deviceMacros: [macro('lights')] },
    { configuration: new Map([[mode.path, mode]]) },
  );
  const plan = await made.plan(desired);
  expect(plan).toMatchObject({ changes: [], problems: [] });
  expect(plan.hints).toEqual([expect.stringContaining('compared once Macros.Mode is On')]);
});

test('a runtime that cannot be restarted leaves the change open, with why', async () => {
  const made = await world({ model: without(builtInModels.room, 'Macros.Runtime') });
  const desired = wanting({ deviceMacros: [macro('lights')] });
  const [result] = await made.results(desired);
  expect(result).toMatchObject({
    outcome: 'refused',
    detail: expect.stringContaining('it is saved, but the macro runtime could not be restarted'),
  });
  expect((await made.plan(desired)).changes).toHaveLength(1);
});

test('a change waits for a free room', async () => {
  const made = await world();
  made.guards = { forbids: () => null, inUse: async () => 'a call is on' };
  expect(await made.apply(wanting({ deviceMacros: [macro('lights')] }))).toEqual([
    'DeviceMacro[lights] waiting',
  ]);
  expect(held(made)).toEqual([]);
});
