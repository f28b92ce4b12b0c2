import { describe, expect, test } from 'vitest';
import type { DesiredPanel } from '../../../src/fleet/fleet.ts';
import { isShownBy, PanelResource } from '../../../src/fleet/resources/ui-panel.ts';
import { readXml } from '../../../src/lib/xml/reader.ts';
import { builtInModels } from '../../../src/simulator/models/built-in.ts';
import { ToldDevice } from '../../feedback/support.ts';
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

const SAVE = 'UserInterface.Extensions.Panel.Save';

function panelXml(name: string, more = ''): string {
  return `<Extensions>
    <Version>1.11</Version>
    <Panel>
      <PanelId>whatever</PanelId>
      <Type>Home</Type>
      <Name>${name}</Name>
      <Page>
        <Name>First</Name>
        <Row><Name>Lights</Name>
          <Widget><WidgetId>a</WidgetId><Type>Button</Type><Options>size=2</Options></Widget>
          <Widget><WidgetId>b</WidgetId><Type>Text</Type><Name>x &amp; y</Name></Widget>
        </Row>${more}
      </Page>
    </Panel>
  </Extensions>`;
}

function panel(id: string, xml = panelXml('Help')): DesiredPanel {
  return { id, xml, place: PLACE };
}

const SECOND_ROW = '<Row><Name>Blinds</Name><Widget><WidgetId>c</WidgetId></Widget></Row>';

async function world(options: Parameters<typeof contentWorld>[0] = {}): Promise<ContentWorld> {
  const made = await contentWorld(options);
  return made.with(new PanelResource({ managed: made.managed }));
}

function held(made: ContentWorld): string[] {
  return [...made.simulated.state.content.panels.keys()];
}

describe.each(PRESETS)('panels, with all unknowns of the device %s', (_name, preset) => {
  test.each(TRANSPORTS)(
    'are put over %s, proven, and then left as they are',
    async (_over, configuration) => {
      const made = await world({ preset, configuration });
      const desired = wanting({ panels: [panel('help'), panel('lights', panelXml('Lights', SECOND_ROW))] });
      const plan = await made.plan(desired);
      expect(plan.changes).toMatchObject([
        { path: 'Panel[help]', from: null, noticeable: true },
        { path: 'Panel[lights]', from: null, noticeable: true },
      ]);
      expect(plan.changes[0]?.to).toMatch(/^\d+ bytes, SHA-256 [0-9a-f]{12}$/);
      expect(held(made)).toEqual([]);
      expect(await made.apply(desired)).toEqual(['Panel[help] accepted', 'Panel[lights] accepted']);
      expect(held(made)).toEqual(['help', 'lights']);
      expect(await made.plan(desired)).toMatchObject({ state: 'in-sync', changes: [], untouched: 2 });
    },
  );

  test('that a person changed are put back', async () => {
    const made = await world({ preset });
    const desired = wanting({ panels: [panel('help')] });
    await made.apply(desired);
    made.byHand(SAVE, { PanelId: 'help' }, panelXml('Help', SECOND_ROW));
    const plan = await made.plan(desired);
    expect(plan.changes.map(({ path }) => path)).toEqual(['Panel[help]']);
    expect(plan.changes[0]?.from).toMatch(/^\d+ bytes/);
    expect(await made.apply(desired)).toEqual(['Panel[help] accepted']);
    expect(made.simulated.state.content.panels.get('help')?.xml).toBe(panelXml('Help'));
  });

  test('that the file drops are removed if roomd put them there, and others never', async () => {
    const made = await world({ preset });
    made.byHand(SAVE, { PanelId: 'theirs' }, panelXml('Theirs'));
    await made.apply(wanting({ panels: [panel('help')] }));
    const plan = await made.plan(wanting({}));
    expect(plan.changes.map(({ path, to }) => [path, to])).toEqual([['Panel[help]', 'no such panel']]);
    expect(await made.apply(wanting(null))).toEqual(['Panel[help] accepted']);
    expect(held(made)).toEqual(['theirs']);
    expect(await made.ours('ui-panel')).toEqual([]);
    expect(await made.apply(wanting({ prune: 'all' }))).toEqual(['Panel[theirs] accepted']);
    expect(held(made)).toEqual([]);
  });

  test('of others under the same id are shown as foreign and replaced, because the file names them', async () => {
    const made = await world({ preset });
    made.byHand(SAVE, { PanelId: 'help' }, panelXml('Theirs'));
    const desired = wanting({ panels: [panel('help')] });
    expect((await made.plan(desired)).changes[0]?.from).toMatch(/^foreign: \d+ bytes/);
    expect(await made.apply(desired)).toEqual(['Panel[help] accepted']);
    expect(await made.ours('ui-panel')).toEqual(['help']);
  });

  test('of others that are just as the file wants them stay theirs', async () => {
    const made = await world({ preset });
    made.byHand(SAVE, { PanelId: 'help' }, panelXml('Help'));
    expect(await made.apply(wanting({ panels: [panel('help')] }))).toEqual([]);
    expect(await made.apply(wanting({}))).toEqual([]);
    expect(held(made)).toEqual(['help']);
  });

  test('that the device refuses leave the others finished, and are not called roomd’s', async () => {
    const made = await world({ preset, settings: { largestPanelBytes: 2_000 } });
    const desired = wanting({
      panels: [
        panel('two', '<Extensions><Panel><Name>a</Name></Panel><Panel><Name>b</Name></Panel></Extensions>'),
        panel('large', panelXml('x'.repeat(3_000))),
        panel('help'),
      ],
    });
    const results = await made.results(desired);
    expect(results.map(({ change, outcome }) => `${change.path} ${outcome}`)).toEqual([
      'Panel[two] refused',
      'Panel[large] refused',
      'Panel[help] accepted',
    ]);
    expect(results.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('Expected a single Panel, got 2') as string,
      expect.stringContaining('too large') as string,
      null,
    ]);
    expect(await made.ours('ui-panel')).toEqual(['help']);
  });

  test('are all there after a restart in the middle of an apply', async () => {
    const made = await world({ preset, settings: { bootLeadMs: 0 } });
    const desired = wanting({ panels: [panel('help'), panel('lights', panelXml('Lights'))] });
    rebootAt(made, 'UserInterface.Extensions.Panel.LayoutUpdated');
    const outcomes = await applyUntilDone(made, desired);
    expect(outcomes[0]).toContain('Panel[lights] failed');
    expect(held(made)).toEqual(['help', 'lights']);
    expect(await made.ours('ui-panel')).toEqual(['help', 'lights']);
  });

  test('are put again where the put was cut off, because nobody knows what became of it', async () => {
    const made = await world({ preset });
    const desired = wanting({ panels: [panel('help')] });
    await made.managed.begin({ deviceId: 1, kind: 'ui-panel', key: 'help' });
    made.byHand(SAVE, { PanelId: 'help' }, panelXml('Help'));
    expect((await made.plan(wanting({}))).changes).toEqual([]);
    expect(await made.apply(desired)).toEqual(['Panel[help] accepted']);
    expect(await made.ours('ui-panel')).toEqual(['help']);
  });

  test('cannot be kept by a product without the command, which is said for each', async () => {
    const model = without(builtInModels.room, 'UserInterface.Extensions');
    const made = await world({ preset, model });
    const plan = await made.plan(wanting({ panels: [panel('help'), panel('lights')] }));
    expect(plan).toMatchObject({ state: 'drift', changes: [] });
    expect(plan.problems.map(({ path }) => path)).toEqual(['Panel[help]', 'Panel[lights]']);
    expect(plan.problems[0]?.message).toMatch(/Room with software ce\S+ cannot keep UI panels/);
  });
});

test('a panel in the file that only swaps rows is put, though devices may reorder', async () => {
  const made = await world();
  const one = panelXml('Help', SECOND_ROW);
  await made.apply(wanting({ panels: [panel('help', one)] }));
  const swapped = one.replace(SECOND_ROW, '').replace('<Row><Name>Lights', `${SECOND_ROW}<Row><Name>Lights`);
  expect(await made.apply(wanting({ panels: [panel('help', swapped)] }))).toEqual(['Panel[help] accepted']);
  expect(made.simulated.state.content.panels.get('help')?.xml).toBe(swapped);
  const reindented = swapped.replaceAll(/\n\s+/g, '\n\t');
  expect((await made.plan(wanting({ panels: [panel('help', reindented)] }))).changes).toEqual([]);
});

test('an export that cannot be read is a problem of the panels, not of the device', async () => {
  const made = await world();
  const odd = Object.assign(new ToldDevice(1), {
    command: async () => new Map([['Data', '<Extensions><Panel>']]),
  });
  const desired = wanting({ panels: [panel('help')] });
  const resource = new PanelResource({ managed: made.managed });
  const identity = await odd.identify();
  expect(resource.diff(desired, await resource.observe(odd, desired, identity, {}))).toMatchObject({
    changes: [],
    problems: [{ path: 'Panel[help]', message: expect.stringContaining('cannot be read') }],
  });
});

test('a thing that vanished from the device and from the file is no longer roomd’s', async () => {
  const made = await world();
  await made.apply(wanting({ panels: [panel('help')] }));
  made.byHand('UserInterface.Extensions.Panel.Remove', { PanelId: 'help' });
  await made.plan(wanting({}));
  made.byHand(SAVE, { PanelId: 'help' }, panelXml('Theirs'));
  expect((await made.plan(wanting({}))).changes).toEqual([]);
});

test('a device that the file and the record say nothing of is not asked', async () => {
  const made = await world();
  await made.plan(wanting({}));
  await made.plan(wanting(null));
  expect(made.simulated.counters.requests.get('xCommand/UserInterface/Extensions/Export')).toBeUndefined();
});

test('neither the plan nor the audit shows a panel’s source', async () => {
  const made = await world();
  const desired = wanting({ panels: [panel('help', panelXml('wonderful'))] });
  expect(JSON.stringify(await made.plan(desired))).not.toContain('wonderful');
});

describe('a panel on the device is that of the file', () => {
  test('whatever single values the device adds, and in whatever order', () => {
    expect(same('<P><A>1</A><B>2</B></P>', '<P><B> 2 </B><Origin>local</Origin><A>1</A></P>')).toBe(true);
    expect(
      same('<P><W><Id>a</Id></W><W><Id>b</Id></W></P>', '<P><W><Id>b</Id></W><W><Id>a</Id></W></P>'),
    ).toBe(true);
    expect(same('<P><A></A><B>2</B></P>', '<P><B>2</B></P>')).toBe(true);
    expect(same('<Panel><Type>Home</Type></Panel>', '<Panel><Location>HomeScreen</Location></Panel>')).toBe(
      true,
    );
    expect(
      same(
        '<P><CustomIcon><Content>iVBO</Content><Id>7</Id></CustomIcon></P>',
        '<P><CustomIcon><Id>7</Id></CustomIcon></P>',
      ),
    ).toBe(true);
  });

  test('but not with other values, with parts missing, or with parts more', () => {
    expect(same('<P><A>1</A></P>', '<P><A>2</A></P>')).toBe(false);
    expect(same('<P><A>1</A><B>2</B></P>', '<P><A>1</A></P>')).toBe(false);
    expect(same('<P><W><Id>a</Id></W></P>', '<P><W><Id>a</Id></W><W><Id>b</Id></W></P>')).toBe(false);
    expect(same('<P><A>1</A></P>', '<P><A>1</A><Page><Name>x</Name></Page></P>')).toBe(false);
    expect(same('<P><Page><Name>x</Name></Page></P>', '<P><Page>x</Page></P>')).toBe(false);
  });
});

function same(file: string, device: string): boolean {
  return isShownBy(readXml(file).root, readXml(device).root);
}
