import { describe, expect, it } from 'vitest';
import { concreteSettings, settingIndex } from '../../../src/schema/path-index.ts';
import { expandPattern, formatPattern } from '../../../src/schema/path-pattern.ts';
import type { ProductSchema, ValueSpace } from '../../../src/schema/product-schema.ts';
import type { DeviceModel } from '../../../src/simulator/model.ts';
import { builtInModels } from '../../../src/simulator/models/built-in.ts';
import { liesWithin } from '../../schema/lies-within.ts';
import { hasFixtures, type Version, vendorSchema } from '../../schema/vendor-files.ts';

const models = Object.entries(builtInModels);

function valueAt(model: DeviceModel, path: string): string | null {
  return concreteSettings(model.schema, 0).find((one) => one.path === path)?.default ?? null;
}

function has(model: DeviceModel, path: string): boolean {
  return settingIndex(model.schema).find(path).outcome === 'found';
}

describe.each(models)('The built-in model %s', (name, model) => {
  const settings = concreteSettings(model.schema, 0);

  it('has at least 150 configuration paths, several of them indexed', () => {
    expect(settings.length).toBeGreaterThanOrEqual(150);
    for (const list of [
      'Video.Input.Connector[2]',
      'Video.Output.Connector[1]',
      'Network[1]',
      'SIP.Proxy[4]',
    ])
      expect(settings.some(({ path }) => path.startsWith(`${list}.`))).toBe(true);
  });

  it('has a default for each that lies in its own value space', () => {
    const outside = settings.filter(
      ({ setting, default: value }) => value === null || !liesWithin(setting.valueSpace, value),
    );
    expect(outside.map(({ path }) => path)).toEqual([]);
  });

  it('holds no path twice, in settings, statuses or commands', () => {
    const { schema } = model;
    const all = schema.settings.flatMap(({ path }) => expandPattern(path, 1)).map(({ path }) => path);
    expect(new Set(all).size).toBe(all.length);
    const statuses = schema.statuses.map(({ path }) => formatPattern(path));
    expect(statuses.filter((path, at) => statuses.indexOf(path) !== at)).toEqual([]);
    const commands = schema.commands.map(({ path }) => path.join('.'));
    expect(commands.filter((path, at) => commands.indexOf(path) !== at)).toEqual([]);
  });

  it('takes no argument default outside its value space and masks its passwords', () => {
    const outside = model.schema.commands.flatMap(({ path, params }) =>
      params
        .filter(({ valueSpace, default: value }) => value && valueSpace && !liesWithin(valueSpace, value))
        .map((param) => `${path.join('.')} ${param.name}`),
    );
    // A text line without a place stands at 0, 0, which nobody may ask for (as in the vendor schema).
    expect(outside).toEqual([
      'UserInterface.Message.TextLine.Display X',
      'UserInterface.Message.TextLine.Display Y',
    ]);
    const open = model.schema.settings.filter(
      ({ path, hidden }) => /Password$|\.Key$/.test(formatPattern(path)) && !hidden,
    );
    expect(open).toEqual([]);
  });

  it('says which product and software it is', () => {
    expect(model.productId).toMatch(/^roomd-sim /);
    expect(model.software).toMatch(name === 'room-ce9' ? /^ce9\.15\./ : /^ce26\.4\.1\./);
    expect(model.software).toContain(model.schema.software);
  });
});

describe('The built-in models', () => {
  it('differ where such devices differ', () => {
    const { board, room, desk } = builtInModels;
    expect([board, room, desk].map(({ kind }) => kind)).toEqual(['board', 'room', 'desk']);
    expect([board, room, desk].map((one) => has(one, 'Video.Output.Connector[2].Resolution'))).toEqual([
      true,
      true,
      false,
    ]);
    expect([board, room, desk].map((one) => has(one, 'Video.Output.TouchInput.Mode'))).toEqual([
      true,
      false,
      false,
    ]);
    expect(has(room, 'Video.Input.Connector[4].Name')).toBe(true);
    expect(has(desk, 'Video.Input.Connector[3].Name')).toBe(false);
  });

  it('keep the CE9 room without websocket, lock-out and people detector', () => {
    const { room, 'room-ce9': old } = builtInModels;
    const values = (path: string): (string | null)[] => [valueAt(room, path), valueAt(old, path)];
    expect(values('NetworkServices.Websocket')).toEqual(['FollowHTTPService', 'Off']);
    expect(values('Security.Session.MaxFailedLogins')).toEqual(['5', '0']);
    expect(values('Security.Session.MaxTotalSessions')).toEqual(['30', '20']);
    expect(values('RoomAnalytics.PeoplePresenceDetector')).toEqual(['On', 'Off']);
    expect(values('RoomAnalytics.PeoplePresence.Input.HeadDetector')).toEqual(['On', null]);
  });

  it('know the time zones of the world', () => {
    const zone = settingIndex(builtInModels.desk.schema).find('Time.Zone');
    const space: ValueSpace | null = zone.outcome === 'found' ? zone.spec.valueSpace : null;
    for (const name of ['Europe/Oslo', 'America/New_York', 'Asia/Kolkata', 'Etc/UTC'])
      expect(space?.type === 'Literal' && space.values).toContain(name);
  });
});

/** Diagnostics are any text with us, where the vendor lists 251 words. */
const ACCEPTED = ['Status Diagnostics.Message.Type: String beside Literal'];

/** Statuses of the CE9 room that know words of newer software; it never says them. */
const ACCEPTED_CE9 = [
  'Status Call.Protocol: WebRTC App',
  ...ACCEPTED,
  'Status Peripherals.ConnectedDevice.Type: RoomScheduler',
  'Status Video.Input.Connector.SignalState: DetectingFormat',
  'Status Video.Input.Connector.Type: Ethernet Unused',
];

/** The time zones are those of the runtime; the CE9 room takes the arguments of the newer commands. */
const NOT_COMPARED = { time: /^Configuration Time\.Zone:/, ce9Arguments: /^Command \S+ / };

describe.skipIf(!hasFixtures)('The built-in models beside the vendor schemas', () => {
  it.each(models)('%s has only names, types and values that some product has', (name, model) => {
    const version: Version = name === 'room-ce9' ? '9.15.17.4' : '26.4.1';
    const file = vendorSchema(version);
    const products = file.products.map((product) => file.product(product));
    const isCe9 = name === 'room-ce9';
    const differences = differencesOf(model.schema, products).filter(
      (text) => !NOT_COMPARED.time.test(text) && !(isCe9 && NOT_COMPARED.ce9Arguments.test(text)),
    );
    expect(differences).toEqual(isCe9 ? ACCEPTED_CE9 : ACCEPTED);
  });
});

function differencesOf(ours: ProductSchema, theirs: readonly ProductSchema[]): string[] {
  const spaces = new Map<string, ValueSpace[]>();
  const add = (key: string, space: ValueSpace | null): void => {
    if (space !== null) spaces.set(key, [...(spaces.get(key) ?? []), space]);
  };
  for (const { settings, statuses, commands } of theirs) {
    for (const { path, valueSpace } of settings) add(`Configuration ${namesOf(path)}`, valueSpace);
    for (const { path, valueSpace } of statuses) add(`Status ${namesOf(path)}`, valueSpace);
    for (const { path, params } of commands) {
      add(`Command ${path.join('.')}`, { type: 'Literal', values: [] });
      for (const param of params) add(`Command ${path.join('.')} ${param.name}`, param.valueSpace);
    }
  }
  const entries: [string, ValueSpace | null][] = [
    ...ours.settings.map((one): [string, ValueSpace] => [
      `Configuration ${namesOf(one.path)}`,
      one.valueSpace,
    ]),
    ...ours.statuses.map((one): [string, ValueSpace | null] => [
      `Status ${namesOf(one.path)}`,
      one.valueSpace,
    ]),
    ...ours.commands.flatMap(({ path, params }): [string, ValueSpace | null][] => [
      [`Command ${path.join('.')}`, null],
      ...params.map((param): [string, ValueSpace | null] => [
        `Command ${path.join('.')} ${param.name}`,
        param.valueSpace,
      ]),
    ]),
  ];
  return entries.flatMap(([key, space]) => {
    const known = spaces.get(key);
    if (known === undefined) return [`${key}: no such name`];
    if (space === null) return [];
    const wrong = known.map((other) => beyond(space, other)).sort((a, b) => a.length - b.length)[0] ?? '';
    return wrong === '' ? [] : [`${key}: ${wrong}`];
  });
}

function namesOf(path: readonly { name: string }[]): string {
  return path.map(({ name }) => name).join('.');
}

/** What of our value space lies outside theirs; empty where it is as wide or narrower. */
function beyond(ours: ValueSpace, theirs: ValueSpace): string {
  if (ours.type === 'Literal' && theirs.type === 'Literal')
    return ours.values.filter((value) => !theirs.values.includes(value)).join(' ');
  if (ours.type === 'Integer' && theirs.type === 'Integer') {
    const fits =
      (ours.min ?? -Infinity) >= (theirs.min ?? -Infinity) &&
      (ours.max ?? Infinity) <= (theirs.max ?? Infinity);
    return fits ? '' : `${ours.min}..${ours.max} beyond ${theirs.min}..${theirs.max}`;
  }
  if (ours.type === 'String' && theirs.type === 'String') {
    const fits =
      ours.minLength >= theirs.minLength && (ours.maxLength ?? Infinity) <= (theirs.maxLength ?? Infinity);
    return fits ? '' : `${ours.minLength}..${ours.maxLength} beyond ${theirs.minLength}..${theirs.maxLength}`;
  }
  return `${ours.type} beside ${theirs.type}`;
}
