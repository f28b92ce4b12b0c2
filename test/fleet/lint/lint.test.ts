import { describe, expect, it } from 'vitest';
import { lintWith } from '../../../src/actions/lint.ts';
import type { Library } from '../../../src/fleet/knowledge/library.ts';
import type { SeenDevice } from '../../../src/fleet/lint/device-facts.ts';
import type { Finding, LintReport } from '../../../src/fleet/lint/finding.ts';
import { lintLines } from '../../../src/fleet/lint/lint-text.ts';
import { loadText } from '../load-text.ts';
import { integer, library, ON_OFF, setting, text, volumes } from './vendor.ts';

const SETTINGS = [
  setting('Audio DefaultVolume', integer(0, 100), { fallback: '50' }),
  setting('SystemUnit Name', text(0, 10), { fallback: '' }),
  setting('SIP Password', text(2, 8), { fallback: '', hide_value: 'True' }),
  setting('Standby Control', ON_OFF, { fallback: 'On' }),
  setting(
    'Video Output Connector[1..2] Resolution',
    { type: 'Literal', Values: ['Auto', '1920_1080'] },
    { fallback: 'Auto' },
  ),
  setting('Security Audit Logging', ON_OFF, { role: ['Audit'] }),
  setting('Cameras Pan', ON_OFF, { products: ['felix_55', 'felix_75'] }),
];
const NOW = library(volumes('26.4.1', ...SETTINGS));
const SEEN = { product: 'Cisco Codec Pro', software: 'ce26.4.1.0.5100d00000a' };

function fleet(configuration: string, more = ''): string {
  return `version: 1
credentials: { roomd: { username: admin, password: "\${env:PW}" } }
defaults:
  credentials: roomd
  configuration:
${configuration
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
devices:
  - { name: one, host: 10.0.0.1 }
  - { name: two, host: 10.0.0.2 }
${more}`;
}

async function lint(
  file: string,
  {
    known = NOW,
    seen = [
      { name: 'one', ...SEEN },
      { name: 'two', ...SEEN },
    ],
    ...input
  }: {
    known?: Library;
    seen?: SeenDevice[];
    software?: string;
    assume?: string[];
    devices?: string;
    env?: Record<string, string>;
  } = {},
): Promise<LintReport> {
  const { fleet: loaded, problems } = await loadText(file, {
    env: { PW: 'pw', ...input.env },
    missingSecrets: 'warning',
  });
  if (loaded === null) throw new Error(JSON.stringify(problems));
  const { devices = null, software = null, assume = [] } = input;
  return lintWith(loaded, { devices, software, assume }, { seen, library: known });
}

function short({ findings }: LintReport): string[] {
  return findings.map(
    ({ rule, place, devices }) => `${place.line}:${place.column} ${rule} ${devices.join(',')}`,
  );
}

function only({ findings }: LintReport): Finding {
  const [finding] = findings;
  if (finding === undefined || findings.length > 1) throw new Error(JSON.stringify(findings));
  return finding;
}

describe('lint judges a setting by what its product accepts', () => {
  it('and says nothing of what is right', async () => {
    const report = await lint(fleet('Audio.DefaultVolume: 70\nSystemUnit.Name: Fjord'));
    expect(report.findings).toEqual([]);
    expect(report.summary).toEqual({
      devices: 2,
      checked: 2,
      settings: 4,
      errors: 0,
      warnings: 0,
      notes: 0,
      upgrade: null,
    });
  });

  it.each([
    [
      'Audio.DefualtVolume: 70',
      'unknown-setting',
      /there is no setting Audio\.DefualtVolume/,
      /Did you mean Audio\.DefaultVolume\?/,
    ],
    ['Audio.DefaultVolume: loud', 'wrong-type', /"loud".*an integer from 0 to 100/, null],
    ['Audio.DefaultVolume: 101', 'out-of-range', /"101".*an integer from 0 to 100/, null],
    ['SystemUnit.Name: Blåbærskog', 'wrong-length', /at most 10 bytes of UTF-8.*12/, null],
    ['Standby.Control: Onn', 'not-a-choice', /"Onn".*one of Off, On/, null],
    ['Standby.Control: on', 'letter-case', /"on" is spelled "On"/, /Write On/],
    ['Video.Output.Connector[3].Resolution: Auto', 'index-out-of-bounds', /Connector\[1\.\.2\]/, null],
    ['Video.Output.Connector.Resolution: Auto', 'index-out-of-bounds', /Connector\[1\.\.2\]/, null],
    [
      'Security.Audit.Logging: On',
      'role-not-allowed',
      /needs the role Audit; the account "roomd" has Admin/,
      /Give the account/,
    ],
    ['Cameras.Pan: On', 'not-on-product', /not on this product/, /felix_55, felix_75/],
  ])('%s is %s', async (line, rule, message, remedy) => {
    const finding = only(await lint(fleet(line)));
    expect(finding).toMatchObject({
      rule,
      level: 'error',
      layer: 'defaults',
      place: { file: '/etc/roomd/fleet.yaml', line: 6 },
      devices: ['one', 'two'],
      products: ['Cisco Codec Pro 26.4.1'],
    });
    expect(finding.message).toMatch(message);
    expect(finding.remedy ?? '').toMatch(remedy ?? /^$/);
  });

  it('as the device reads it: names without regard to case, 050 as 50, which is the default', async () => {
    expect(only(await lint(fleet('AUDIO.defaultvolume: 050')))).toMatchObject({
      rule: 'equals-default',
      level: 'note',
    });
  });

  it('without ever printing a secret, and without judging one that is not to be had here', async () => {
    const line = 'SIP.Password: "${env:SIP}"';
    const finding = only(await lint(fleet(line), { env: { SIP: 'far-too-long' } }));
    expect(finding).toMatchObject({ rule: 'wrong-length' });
    expect(JSON.stringify(finding)).not.toContain('far-too-long');
    expect((await lint(fleet(line))).findings).toEqual([]);
  });

  it('by the role of the account where it is said', async () => {
    const file = fleet('Security.Audit.Logging: On');
    expect((await lint(file, { assume: ['role=Audit'] })).findings).toEqual([]);
    expect(short(await lint(file, { assume: ['one:role=Audit'] }))).toEqual(['6:29 role-not-allowed two']);
  });

  it('only for the devices asked for', async () => {
    expect(only(await lint(fleet('Standby.Control: Onn'), { devices: 'two' })).devices).toEqual(['two']);
    await expect(lint(fleet('A: B'), { devices: 'three' })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('one bad line', () => {
  it('is one finding that names all four hundred devices, whatever their products', async () => {
    const names = Array.from({ length: 400 }, (_, at) => `room-${at}`);
    const devices = names.map((name) => `  - { name: ${name}, host: ${name}.example.com }`).join('\n');
    const seen = names.map((name, at) => ({
      name,
      product: at % 2 === 0 ? 'Cisco Codec Pro' : 'Cisco Board Pro G2',
      software: '26.4.1',
    }));
    const finding = only(await lint(fleet('Adio.DefaultVolume: 5', devices), { seen, devices: 'room-*' }));
    expect(finding.devices).toEqual(names);
    expect(finding.products).toEqual(['Cisco Board Pro G2 26.4.1', 'Cisco Codec Pro 26.4.1']);
  });

  it('that products refuse for different reasons says each', async () => {
    const known = library(
      volumes(
        '26.4.1',
        setting('Audio DefaultVolume', integer(0, 100), { fallback: '50' }),
        setting('Audio DefaultVolume', integer(0, 50), { fallback: '50', products: ['polaris'] }),
      ),
    );
    const seen = [
      { name: 'one', ...SEEN },
      { name: 'two', product: 'Cisco Desk Pro', software: '26.4.1' },
    ];
    const finding = only(await lint(fleet('Audio.DefaultVolume: 120'), { known, seen }));
    expect(finding.message).toMatch(
      /Cisco Codec Pro 26\.4\.1: .*0 to 100.* Cisco Desk Pro 26\.4\.1: .*0 to 50/,
    );
  });
});

describe('lines without effect', () => {
  const devices = `
profiles:
  loud: { configuration: { Audio.DefaultVolume: 90, SystemUnit.Name: Fjord } }`;

  it('are told: one that loses on every device, one that says what stands below it', async () => {
    const file = fleet('Audio.DefaultVolume: 70\nSystemUnit.Name: Fjord', devices).replaceAll(
      /host: ([\d.]+) /g,
      'host: $1, profiles: [loud] ',
    );
    const report = await lint(file);
    expect(report.findings.map(({ rule, path, layer }) => `${rule} ${path} ${layer}`)).toEqual([
      'no-effect Audio.DefaultVolume defaults',
      'no-effect SystemUnit.Name defaults',
      'says-again SystemUnit.Name profile loud',
    ]);
  });

  it('are none where they win on one device, even one that was not asked about', async () => {
    const file = fleet('Audio.DefaultVolume: 70', devices).replace(
      'host: 10.0.0.1 ',
      'host: 10.0.0.1, profiles: [loud] ',
    );
    expect(short(await lint(file, { devices: 'one' }))).toEqual([]);
  });
});

describe('what is not known', () => {
  it('is said, once for each reason, and never guessed', async () => {
    const seen = [{ name: 'one', product: 'Cisco Codec Pro', software: 'ce26.5.0.1.abc' }];
    const { findings, summary } = await lint(fleet('Whatever: 5'), { seen });
    expect(findings.map(({ rule, level, devices, message }) => ({ rule, level, devices, message }))).toEqual([
      {
        rule: 'not-checked',
        level: 'warning',
        devices: ['one'],
        message: 'not checked: roomd does not know what Cisco Codec Pro accepts on 26.5.0.1, only on 26.4.1.',
      },
      {
        rule: 'not-checked',
        level: 'warning',
        devices: ['two'],
        message: 'not checked: it is not known which product these devices are.',
      },
    ]);
    expect(summary).toMatchObject({ checked: 0, errors: 0, warnings: 2 });
  });

  it('can be said by a person: for all that is not known, or for chosen devices', async () => {
    const file = fleet('Audio.DefaultVolume: 101');
    const assume = ['product=Codec Pro', 'software=26.4.1'];
    expect(only(await lint(file, { seen: [], assume })).devices).toEqual(['one', 'two']);
    const board = { name: 'one', product: 'Cisco Board Pro G2', software: '26.4.1' };
    expect(short(await lint(file, { seen: [board], assume }))).toEqual([
      '6:26 not-on-product one',
      '6:26 out-of-range two',
    ]);
    expect(short(await lint(file, { seen: [board], assume: [...assume, 'one:product=barents'] }))).toEqual([
      '6:26 out-of-range one,two',
    ]);
  });

  it.each(['codec pro', 'product=', 'three:product=Codec Pro'])('refuses to assume "%s"', async (assume) => {
    await expect(lint(fleet('A: B'), { assume: [assume] })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('cannot be assumed'),
    });
  });

  it('of variants that one product text stands for is a warning that names those that refuse', async () => {
    const known = library(
      volumes(
        '26.4.1',
        setting('Audio DefaultVolume', integer(0, 100), { fallback: '50' }),
        setting('Audio DefaultVolume', integer(0, 60), {
          fallback: '50',
          products: ['barents_70d', 'barents_70s'],
        }),
      ),
    );
    const file = fleet('Audio.DefaultVolume: 70');
    expect(only(await lint(file, { known }))).toMatchObject({
      rule: 'depends-on-variant',
      level: 'warning',
      message: expect.stringMatching(/0 to 60.*variants barents_70d only/),
    });
    expect(only(await lint(file, { known, assume: ['*:product=barents_70s'] })).rule).toBe('out-of-range');
    expect((await lint(file, { known, assume: ['*:product=barents'] })).findings).toEqual([]);
    expect(only(await lint(fleet('Audio.DefaultVolume: 101'), { known })).rule).toBe('out-of-range');
  });
});

describe('lint --software', () => {
  const known = library(
    volumes('26.4.1', ...SETTINGS),
    volumes(
      '27.1.0',
      setting('Audio DefaultVolume', integer(0, 60), { fallback: '40' }),
      setting('SystemUnit Name', text(0, 50), { fallback: '' }),
      setting('Standby Control', ON_OFF, { fallback: 'Off' }),
    ),
  );

  it('tells what vanishes, which values and defaults change, and whom it concerns', async () => {
    const file = fleet(
      'Audio.DefaultVolume: 70\nSystemUnit.Name: Fjord\nStandby.Control: On\nVideo.Output.Connector[1].Resolution: "1920_1080"',
    );
    const report = await lint(file, { known, software: '27.1.0' });
    expect(report.software).toBe('27.1.0');
    expect(report.findings.map(({ rule, path, message }) => [rule, path, message])).toEqual([
      [
        'out-of-range',
        'Audio.DefaultVolume',
        expect.stringMatching(/0 to 60.*Before the upgrade it takes an integer from 0 to 100/),
      ],
      ['vanishes', 'Video.Output.Connector[1].Resolution', expect.stringContaining('gone after the upgrade')],
      [
        'space-changes',
        'SystemUnit.Name',
        expect.stringMatching(/at most 50 bytes.*before, at most 10 bytes/),
      ],
      ['default-changes', 'Audio.DefaultVolume', expect.stringMatching(/"40" after.*before, "50"/)],
      ['default-changes', 'Standby.Control', expect.stringMatching(/"Off" after.*before, "On"/)],
    ]);
    expect(report.findings[0]?.products).toEqual(['Cisco Codec Pro 27.1.0']);
  });

  it('says nothing of change to devices that run it already, or whose present software is not known', async () => {
    const file = fleet('SystemUnit.Name: Fjord');
    expect((await lint(file, { known, software: '26.4.1' })).findings).toEqual([]);
    const seen = ['one', 'two'].map((name) => ({ name, product: 'Cisco Codec Pro', software: null }));
    const report = await lint(file, { known, seen, software: '27.1.0' });
    expect(report).toMatchObject({ findings: [], summary: { checked: 2 } });
  });

  it('counts the devices of which it cannot say what changes, and says so instead of nothing', async () => {
    const file = fleet('SystemUnit.Name: Fjord');
    const seen = [
      { name: 'one', product: 'Cisco Codec Pro', software: null },
      // What that version accepts is on no record.
      { name: 'two', product: 'Cisco Codec Pro', software: 'ce9.15.17.4.18ccb9a1513' },
    ];
    const report = await lint(file, { known, seen, software: '27.1.0' });
    expect(report.summary.upgrade).toMatchObject({ vanish: 0, uncompared: 2 });
    expect(sentences(report)).toContain(
      'Of 2 devices roomd does not know what they run now, or what that accepts: what changes there is not told. Let roomd plan see them, import the schema of that version, or say it with --assume software=….',
    );
    const known26 = await lint(file, { known, software: '26.4.1' });
    expect(known26.summary.upgrade).toMatchObject({ uncompared: 0 });
    expect(sentences(known26).join('\n')).not.toMatch(/does not know/);
  });
});

function sentences(report: LintReport): string[] {
  return lintLines(report, { from: '/', paint: (_level, words) => words, notes: false });
}
