import { describe, expect, test } from 'vitest';
import { FeedbackError } from '../../src/feedback/errors.ts';
import { POST_LIMITS, parsePost } from '../../src/feedback/parse.ts';
import type { Delta } from '../../src/xapi/device.ts';
import { fc } from './fast-check.ts';
import { jsonPost, presencePost, xmlPost } from './posts.ts';

describe('a post is read', () => {
  test('XML: one changed leaf, with who says so', () => {
    const post = parse(presencePost('Yes'));
    expect(post.identity).toEqual({
      serial: 'FTT1',
      software: 'ce26.4.1.0a1b2c3',
      product: 'Cisco Codec Pro',
      systemName: 'Boardroom 1',
    });
    expect(deltaOf(post.deltas)).toEqual({
      tree: 'Status',
      leaves: { 'RoomAnalytics.PeoplePresence': 'Yes' },
      gone: [],
      bare: {},
    });
  });

  test('JSON says the same with {"Value": …}, with plain texts and with numbers', () => {
    for (const value of [{ Value: '2' }, '2', 2]) {
      const post = parse(jsonPost('Status', { RoomAnalytics: { PeopleCount: { Current: value } } }));
      expect(post.identity.serial).toBe('FTT1');
      expect(deltaOf(post.deltas).leaves).toEqual({ 'RoomAnalytics.PeopleCount.Current': '2' });
    }
  });

  test('indices are wire ids in both forms', () => {
    const xml = parse(
      xmlPost('Status', '<Call item="80" maxOccurrence="n"><Status>Connected</Status></Call>'),
    );
    expect(deltaOf(xml.deltas).leaves).toEqual({ 'Call[80].Status': 'Connected' });
    const json = parse(jsonPost('Status', { Call: [{ id: '80', Status: { Value: 'Connected' } }] }));
    expect(deltaOf(json.deltas).leaves).toEqual({ 'Call[80].Status': 'Connected' });
  });

  test('a ghost is a node that is gone', () => {
    const xml = parse(xmlPost('Status', '<Call ghost="True" item="8" maxOccurrence="n"/>'));
    expect(deltaOf(xml.deltas)).toMatchObject({ leaves: {}, gone: ['Call[8]'] });
    const json = parse(jsonPost('Status', { Call: [{ id: '8', ghost: 'True' }] }));
    expect(deltaOf(json.deltas)).toMatchObject({ leaves: {}, gone: ['Call[8]'] });
  });

  test('an event loses the item="1" that stands at every level', () => {
    const post = parse(
      xmlPost(
        'Event',
        '<UserInterface item="1"><Extensions item="1"><Panel item="1"><Clicked item="1"><PanelId item="1">help</PanelId></Clicked></Panel></Extensions></UserInterface>',
      ),
    );
    expect(deltaOf(post.deltas).leaves).toEqual({ 'UserInterface.Extensions.Panel.Clicked.PanelId': 'help' });
  });

  test('an event that carries a bare number is one', () => {
    const post = parse(
      xmlPost('Event', '<Standby item="1"><SecondsToStandby item="1">30</SecondsToStandby></Standby>'),
    );
    expect(deltaOf(post.deltas)).toMatchObject({ leaves: {}, bare: { 'Standby.SecondsToStandby': '30' } });
  });

  test('a missing Identification survives', () => {
    const xml = parse('<Status><Standby><State>Off</State></Standby></Status>');
    expect(xml.identity.serial).toBeNull();
    expect(deltaOf(xml.deltas).leaves).toEqual({ 'Standby.State': 'Off' });
    expect(parse('{"Status":{"Standby":{"State":{"Value":"Off"}}}}').identity.serial).toBeNull();
  });

  test('control characters are taken out, in XML and in JSON, plain and escaped', () => {
    const xml = parse('<Status><A><Name>a\u0001b&#2;c</Name></A></Status>');
    expect(deltaOf(xml.deltas).leaves).toEqual({ 'A.Name': 'abc' });
    const json = parse('{"Status":{"A":{"Name":{"Value":"a\u0001b\\u0002c"}}}}');
    expect(deltaOf(json.deltas).leaves).toEqual({ 'A.Name': 'abc' });
  });

  test('a post in TMS mode is known and ignored', () => {
    const soap =
      '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><PostEvent/></soap:Body></soap:Envelope>';
    expect(parsePost(Buffer.from(soap))).toEqual({ type: 'ignored' });
  });
});

describe('a post is refused', () => {
  test.each([
    ['nothing at all', '', 'malformed'],
    ['XML cut short', presencePost('Yes').slice(0, 300), 'malformed'],
    ['JSON cut short', '{"Status":{"Standby":', 'malformed'],
    ['a DOCTYPE', '<!DOCTYPE Status SYSTEM "file:///etc/passwd"><Status/>', 'malformed'],
    [
      'an entity bomb',
      '<!DOCTYPE Status [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Status><A>&b;</A></Status>',
      'malformed',
    ],
    ['an unknown entity', '<Status><A>&b;</A></Status>', 'malformed'],
    ['another root', '<Command><Dial/></Command>', 'not-feedback'],
    ['JSON of something else', '{"hello":"world"}', 'not-feedback'],
    ['a JSON array', '[1,2,3]', 'not-feedback'],
    ['a name that is no path', '{"Status":{"a b":"c"}}', 'not-feedback'],
    [
      'an index that is no number',
      '<Status><Call item="x"><Status>Idle</Status></Call></Status>',
      'not-feedback',
    ],
    ['deep XML', `<Status>${'<a>'.repeat(5_000)}${'</a>'.repeat(5_000)}</Status>`, 'too-deep'],
    ['XML one level too deep', `<Status>${'<a>'.repeat(24)}1${'</a>'.repeat(24)}</Status>`, 'too-deep'],
    ['deep JSON', `{"Status":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`, 'too-deep'],
    ['deep JSON arrays', `{"Status":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 'too-deep'],
    ['more bytes than the cap', `<Status>${' '.repeat(POST_LIMITS.maxBytes)}</Status>`, 'too-large'],
  ])('%s', (_what, body, code) => {
    expect(codeOf(Buffer.from(body))).toBe(code);
  });

  test('bytes that are not UTF-8', () => {
    expect(codeOf(Buffer.from([0x3c, 0x53, 0xff, 0xfe, 0x3e]))).toBe('malformed');
  });

  test('whatever comes, nothing but a FeedbackError is thrown', () => {
    const seeds = [presencePost('Yes'), jsonPost('Status', { Call: [{ id: '1', ghost: 'True' }] })];
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(600), fc.string({ unit: 'binary', maxLength: 20 }), fc.nat(40))
      .map(([seed, at, junk, cut]) => seed.slice(0, at) + junk + seed.slice(at + cut));
    const anything = fc.oneof(
      damaged,
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.json().map((json) => `{"Status":${json}}`),
    );
    fc.assert(
      fc.property(anything, (text) => {
        expect(CODES).toContain(codeOf(Buffer.from(text)));
      }),
      { numRuns: 2_000 },
    );
  });
});

const CODES = ['taken', 'malformed', 'too-deep', 'too-large', 'not-feedback'];

function parse(text: string) {
  const post = parsePost(Buffer.from(text));
  if (post.type !== 'feedback') throw new Error('the post was ignored');
  return post;
}

function deltaOf(deltas: readonly Delta[]) {
  const [delta] = deltas;
  if (delta === undefined || deltas.length > 1) throw new Error(`${deltas.length} deltas`);
  return {
    tree: delta.tree,
    leaves: Object.fromEntries(delta.leaves),
    gone: delta.gone,
    bare: Object.fromEntries(delta.bare),
  };
}

function codeOf(body: Buffer): string {
  try {
    parsePost(body);
  } catch (error) {
    if (error instanceof FeedbackError) return error.code;
    throw error;
  }
  return 'taken';
}
