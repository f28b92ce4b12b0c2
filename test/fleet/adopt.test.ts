import { readFileSync } from 'node:fs';
import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { keptSettings } from '../../src/fleet/adopt.ts';
import { slugOf, uniqueNames } from '../../src/fleet/adopt-names.ts';
import { targetsFromCsv, targetsFromHosts } from '../../src/fleet/adopt-targets.ts';
import { adoptedYaml } from '../../src/fleet/adopt-yaml.ts';
import { readDeviceName } from '../../src/fleet/forms.ts';
import { sortHeldSettings } from '../../src/fleet/held-settings.ts';
import { Acceptance } from '../../src/fleet/knowledge/acceptance.ts';
import { panelXml } from '../../src/fleet/panel-xml.ts';
import { WORTH_KEEPING } from '../../src/fleet/worth-keeping.ts';
import { yamlComment, yamlScalar } from '../../src/fleet/yaml-text.ts';
import { readXml } from '../../src/lib/xml/reader.ts';

describe('names', () => {
  test.each([
    ['Boardroom 1', 'boardroom-1'],
    ['Møterom Ås, 3. etg', 'moterom-as-3.etg'],
    ['Straße/Büro', 'strasse-buro'],
    ['会議室', ''],
    ['  --  ', ''],
    ['All', 'all-1'],
  ])('%s becomes %s', (text, slug) => {
    expect(slugOf(text)).toBe(slug);
  });

  test('whatever a device is called, what comes out is a device name or nothing', () => {
    assert(
      property(string({ unit: 'grapheme', maxLength: 120 }), (text) => {
        const slug = slugOf(text);
        return slug === '' || readDeviceName(slug) === slug;
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  test('the second of the same name is told apart, without regard to case', () => {
    expect(uniqueNames(['oslo', 'Oslo', 'oslo-2', 'oslo'])).toEqual(['oslo', 'Oslo-2', 'oslo-2-2', 'oslo-3']);
  });
});

describe('a list of devices', () => {
  test('has host, name and tags as columns', () => {
    const text =
      '\ufeffHost,name,site,floor\n# new building\n10.0.3.11,boardroom-1,oslo,3\n\n"rb.example.com:8443",,"Oslo, east",\n';
    expect(targetsFromCsv(text, 'rooms.csv')).toEqual([
      { host: '10.0.3.11', port: 443, name: 'boardroom-1', tags: { site: 'oslo', floor: '3' } },
      { host: 'rb.example.com', port: 8443, name: null, tags: { site: 'Oslo, east' } },
    ]);
  });

  test('may be parted by semicolons, as spreadsheets in half of Europe write it', () => {
    expect(targetsFromCsv('host;site\r\n10.0.0.1;bergen\r\n', 'r.csv')).toEqual([
      { host: '10.0.0.1', port: 443, name: null, tags: { site: 'bergen' } },
    ]);
  });

  test.each([
    ['', /empty.*host,name,site/],
    ['name,site\na,b', /no column is called "host"/],
    ['host,site,Site\n10.0.0.1,a,b', /two columns/],
    ['host,kind\n10.0.0.1,room', /r\.csv:1: "kind" cannot be a tag/],
    ['host\nhttps://10.0.0.1/', /r\.csv:2: .*URL/],
    ['host,name\n10.0.0.1,board room', /r\.csv:2: "board room" cannot be a device name/],
    ['host\n10.0.0.1\n10.0.0.1:443', /r\.csv:3: 10\.0\.0\.1 is already named in r\.csv:2/],
    ['host,site\n10.0.0.1,oslo,extra', /3 values for 2 columns/],
    ['host\n"10.0.0.1', /not closed/],
  ])('is refused with its place: %j', (text, sentence) => {
    expect(() => targetsFromCsv(text, 'r.csv')).toThrow(sentence);
  });

  test('on the command line is hosts, each once', () => {
    expect(targetsFromHosts(['10.0.0.1', 'room.example.com:8443']).map(({ port }) => port)).toEqual([
      443, 8443,
    ]);
    expect(() => targetsFromHosts(['10.0.0.1', '10.0.0.1'])).toThrow(/already named/);
  });
});

describe('what of a device goes into a file', () => {
  test('secrets, values that the device would refuse, and those that no line can hold do not', () => {
    const held = sortHeldSettings(
      {
        leaves: new Map([
          ['SIP.Authentication.Password', ''],
          ['NetworkServices.SNMP.CommunityName', 'public'],
          ['H323.Something', '***'],
          ['Audio.DefaultVolume', '500'],
          ['SystemUnit.Name', 'two\nlines'],
          ['Video.Output.Connector[10].Mode', 'On'],
          ['Video.Output.Connector[2].Mode', 'Off'],
        ]),
        valueSpaceRefs: new Map([['Audio.DefaultVolume', 'Volume']]),
      },
      new Acceptance('26.4.1', {
        spaces: new Map([
          ['Volume', { space: { type: 'Integer', min: 0, max: 100, step: null }, hidden: false }],
        ]),
        vendor: null,
      }),
    );
    expect([...held.values.keys()]).toEqual([
      'Video.Output.Connector[2].Mode',
      'Video.Output.Connector[10].Mode',
    ]);
    expect(held.hidden).toEqual([
      'H323.Something',
      'NetworkServices.SNMP.CommunityName',
      'SIP.Authentication.Password',
    ]);
    expect(held.unfit.map(({ path }) => path)).toEqual(['Audio.DefaultVolume', 'SystemUnit.Name']);
  });

  test('with known defaults it is what differs; without, what is worth keeping; or all', () => {
    const values = new Map([
      ['Audio.DefaultVolume', '50'],
      ['Video.Input.Connector[1].Gain', '3'],
      ['SystemUnit.Name', ''],
    ]);
    const defaults = new Map([
      ['audio.defaultvolume', '50'],
      ['SystemUnit.Name', ''],
    ]);
    expect([...keptSettings(values, defaults, false)]).toEqual(['Video.Input.Connector[1].Gain']);
    expect([...keptSettings(values, null, false)]).toEqual(['Audio.DefaultVolume']);
    expect(keptSettings(values, null, true).size).toBe(3);
  });
});

describe('texts in the file', () => {
  test('any text reads back as itself', () => {
    assert(
      property(string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        expect(parse(`key: ${yamlScalar(text)}`, { schema: 'failsafe' })).toEqual({ key: text });
      }),
      { seed: 5, numRuns: 1000 },
    );
    for (const text of [
      'null',
      '~',
      'yes',
      '012',
      '1.10',
      '- a',
      'a: b',
      'a #b',
      '',
      ' x',
      '*',
      '2026-11-23',
    ])
      expect(parse(`key: ${yamlScalar(text)}`, { schema: 'failsafe' })).toEqual({ key: text });
  });

  test('a comment stays on its line', () => {
    expect(yamlComment('a\nb\r\u2028c', 20)).toBe('a b c');
    expect(yamlComment('x'.repeat(50), 10)).toHaveLength(10);
  });

  test('a panel is one element a line and well-formed, whatever stands in it', () => {
    const xml = panelXml(
      new Map([
        ['PanelId', 'help'],
        ['Name', 'Help & <info>'],
        ['Page[10].Name', 'Ten'],
        ['Page[2].Row[1].Widget[1].WidgetId', 'w'],
      ]),
      '1.11',
    );
    const panel = readXml(xml).root.children.find(({ name }) => name === 'Panel');
    expect(panel?.children.map(({ name, text }) => [name, text])).toEqual([
      ['Name', 'Help & <info>'],
      ['Page', ''],
      ['Page', ''],
      ['PanelId', 'help'],
    ]);
    expect(xml.indexOf('WidgetId')).toBeLessThan(xml.indexOf('Ten'));
  });
});

test('the file names devices that were not read as the list names them, so that none is forgotten', () => {
  const [late, bare] = targetsFromCsv(
    'host,name,site,floor\n10.0.3.17,hall,oslo,2\n10.0.3.18,,,\n',
    'rooms.csv',
  );
  if (late === undefined || bare === undefined) throw new Error('the list has two devices');
  const rows = [late, bare].map((target) => ({ target, device: null, reason: 'no answer' }));
  const options = { username: 'admin', passwordReference: '${env:PW}', tls: 'pin', writtenAt: 0 } as const;
  expect(adoptedYaml(rows, options).split('\n').slice(-3)).toEqual([
    '#   hall (site: oslo, floor: 2), 10.0.3.17: no answer',
    '#   10.0.3.18: no answer',
    '',
  ]);
});

test('docs/adopting.md tells of every setting that is worth keeping, with the same reason', () => {
  const page = readFileSync(new URL('../../docs/adopting.md', import.meta.url), 'utf8');
  const told = [...page.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, path, reason]) => ({
    path,
    reason,
  }));
  expect(told).toEqual(WORTH_KEEPING);
});
