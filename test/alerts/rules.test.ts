import { describe, expect, it } from 'vitest';
import { Alerts } from '../../src/alerts/alerts-schema.ts';
import type { DeviceFacts, FleetFacts } from '../../src/alerts/facts.ts';
import { judge } from '../../src/alerts/judge.ts';
import { fleet, NOW, OFF, room, wellDevice } from './sample.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** `rule key` of everything found, and of what cannot be judged. */
function look(facts: FleetFacts, { file = {}, open = [] }: { file?: object; open?: string[] } = {}) {
  const judged = judge(Alerts.parse(file), facts, { open: new Set(open) });
  return {
    found: judged.flatMap(({ rule, verdict }) => verdict.findings.map(({ key }) => `${rule} ${key}`)),
    unjudged: judged.flatMap(({ rule, verdict: { unjudged } }) => [
      ...[...unjudged.devices].map((id) => `${rule} ${id}`),
      ...[...unjudged.keys].map((key) => `${rule} ${key}`),
    ]),
    findings: judged.flatMap(({ verdict }) => verdict.findings),
  };
}

const ended = (...failed: boolean[]) =>
  failed.map((one, at) => ({
    at: NOW - (failed.length - at) * 60_000,
    failed: one,
    cause: one ? 'NetworkRejected' : '',
  }));

describe('the rules', () => {
  it('find nothing where all is well', () => {
    expect(look(fleet([wellDevice('r1'), wellDevice('r2')]))).toMatchObject({ found: [], unjudged: [] });
  });

  const table: [string, Partial<DeviceFacts>, string[]][] = [
    ['offline', { session: OFF }, ['device-offline 1']],
    ['a refused password', { session: { state: 'refused', reason: null } }, ['credentials-refused 1']],
    [
      'a changed certificate',
      { session: { state: 'certificate-changed', reason: null } },
      ['certificate-changed 1'],
    ],
    ['another unit', { session: { state: 'swapped', reason: null } }, ['device-swapped 1']],
    ['a slot that fails', { slot: { state: 'failed', number: 1, reason: null } }, ['slot-failing 1']],
    ['a slot that is off', { slot: { state: 'off', number: null, reason: null } }, []],
    [
      'a fight',
      {
        fights: [
          { path: 'Audio.DefaultVolume', ours: '50', theirs: '70', since: NOW, openedAt: NOW, flips: [] },
        ],
      },
      ['drift-fight 1/Audio.DefaultVolume'],
    ],
    [
      'Diagnostics, of each type once and errors only',
      {
        diagnostics: [
          { type: 'TouchPanelConnection', level: 'Error', text: 'none' },
          { type: 'TouchPanelConnection', level: 'Critical', text: 'none' },
          { type: 'NTPStatus', level: 'Warning', text: '' },
        ],
      },
      ['diagnostics 1/TouchPanelConnection'],
    ],
    [
      'a lost panel beside one that is there',
      {
        peripherals: [
          { id: 'a', name: 'Navigator', type: 'TouchPanel', status: 'LostConnection', goneAt: null },
          { id: 'b', name: 'Quad', type: 'Camera', status: 'Connected', goneAt: null },
        ],
      },
      ['peripheral-lost 1/a'],
    ],
    [
      'a camera that vanished, beside one that did so days ago, one that was unpaired and what somebody took along',
      {
        peripherals: [
          { id: 'a', name: 'Quad', type: 'Camera', status: 'Connected', goneAt: NOW - HOUR_MS },
          { id: 'b', name: 'Quad', type: 'Camera', status: 'Connected', goneAt: NOW - 2 * DAY_MS },
          { id: 'c', name: 'Navigator', type: 'TouchPanel', status: 'Unpairing', goneAt: NOW - HOUR_MS },
          { id: 'd', name: 'Headset', type: 'Headset', status: 'Connected', goneAt: NOW - HOUR_MS },
        ],
      },
      ['peripheral-lost 1/a'],
    ],
    ['three calls that failed', { calls: ended(false, true, true, true) }, ['call-failures 1']],
    ['failures before a call that worked', { calls: ended(true, true, true, false) }, []],
    [
      'failures of yesterday',
      { calls: ended(true, true, true).map((call) => ({ ...call, at: NOW - DAY_MS })) },
      [],
    ],
    [
      'a macro that failed twice, beside one that failed once',
      {
        runs: [
          { macro: 'standup', failures: 2, reason: 'busy', at: NOW },
          { macro: 'lights', failures: 1, reason: 'busy', at: NOW },
        ],
      },
      ['macro-failing 1/standup'],
    ],
    [
      'a certificate that ends',
      { certificates: [{ what: 'CN=x', expiresAt: NOW + 20 * DAY_MS }] },
      ['certificate-expiring 1/CN=x'],
    ],
    ['a certificate that lasts', { certificates: [{ what: 'CN=x', expiresAt: NOW + 40 * DAY_MS }] }, []],
    ['a clock that is behind', { clockAheadMs: -180_000 }, ['clock-skew 1']],
    ['a clock that is nearly right', { clockAheadMs: 90_000 }, []],
    [
      'presence over a still night',
      { room: room({ presence: 'yes', since: NOW - 20 * HOUR_MS }) },
      ['presence-stuck 1'],
    ],
    [
      'presence over a still night in which the session began anew',
      { room: room({ presence: 'yes', since: NOW - 5 * HOUR_MS }), stillSince: NOW - 20 * HOUR_MS },
      ['presence-stuck 1'],
    ],
    [
      'presence that the record knows to have moved',
      { room: room({ presence: 'yes', since: NOW - 4 * HOUR_MS }), stillSince: NOW - 4 * HOUR_MS },
      [],
    ],
    ['presence since this morning', { room: room({ presence: 'yes', since: NOW - 4 * HOUR_MS }) }, []],
    [
      'presence in a call that lasts',
      { room: room({ presence: 'yes', inCall: true, since: NOW - 30 * HOUR_MS }) },
      [],
    ],
    ['a room that is empty for days', { room: room({ presence: 'no', since: NOW - 72 * HOUR_MS }) }, []],
    ['presence unknown with the detector on', { room: room({ presence: 'unknown' }) }, ['presence-stuck 1']],
    ['presence unknown with the detector off', { room: room({ presence: 'unknown' }), detects: false }, []],
  ];

  it.each(table)('find of %s what there is', (_name, differs, found) => {
    expect(look(fleet([wellDevice('r1', differs)])).found).toEqual(found);
  });

  it('do not judge what a device that is not heard cannot tell', () => {
    const silent = wellDevice('r1', { session: OFF, peripherals: null, diagnostics: null });
    const { found, unjudged } = look(fleet([silent]));
    expect(found).toEqual(['device-offline 1']);
    expect(unjudged).toEqual(
      expect.arrayContaining(['credentials-refused 1', 'diagnostics 1', 'peripheral-lost 1', 'clock-skew 1']),
    );
  });

  it('leave presence as it was judged until the record was asked since the room last moved', () => {
    const moved = wellDevice('r1', { room: room({ presence: 'yes', since: NOW - HOUR_MS }) });
    expect(look(fleet([moved]))).toMatchObject({ found: [], unjudged: ['presence-stuck 1'] });
    const empty = wellDevice('r1', { room: room({ presence: 'no' }) });
    expect(look(fleet([empty]))).toMatchObject({ found: [], unjudged: [] });
  });

  it('judge nothing of a device before its session came to rest once', () => {
    const { found, unjudged } = look(fleet([wellDevice('r1', { session: null })]));
    expect(found).toEqual([]);
    expect(unjudged).toContain('device-offline 1');
  });

  it('tell of roomd itself', () => {
    const facts = fleet([], {
      database: 'disk full',
      certificates: [{ what: 'receiver', expiresAt: NOW - 1 }],
    });
    expect(look(facts).found).toEqual(['certificate-expiring receiver', 'database-trouble database']);
  });

  it('follow what the file says of them', () => {
    const facts = fleet([wellDevice('r1', { session: OFF }), wellDevice('r2', { session: OFF })]);
    const file = { rules: { 'device-offline': { severity: 'critical', devices: 'r2' } } };
    const { found, findings } = look(facts, { file });
    expect(found).toEqual(['device-offline 2']);
    expect(findings[0]?.severity).toBe('critical');
    expect(look(facts, { file: { rules: { 'device-offline': { enabled: false } } } }).found).toEqual([]);
  });
});

describe('a password that several devices refuse', () => {
  const REFUSED = { session: { state: 'refused', reason: null } } as const;

  it('is one alert, of which those of the devices are parts', () => {
    const { found, findings } = look(fleet([wellDevice('r1', REFUSED), wellDevice('r2', REFUSED)]));
    expect(found).toContain('credentials-wrong rooms');
    expect(findings.find(({ key }) => key === 'rooms')?.devices).toEqual(['r1', 'r2']);
    expect(findings.filter(({ partOf }) => partOf?.key === 'rooms')).toHaveLength(2);
  });

  it('is none where another device accepts it, or one alone uses it', () => {
    const mixed = [wellDevice('r1', REFUSED), wellDevice('r2', REFUSED), wellDevice('r3')];
    expect(look(fleet(mixed)).found).toEqual(['credentials-refused 1', 'credentials-refused 2']);
    const alone = [wellDevice('r1', REFUSED), wellDevice('r2', { ...REFUSED, credential: 'lab' })];
    expect(look(fleet(alone)).found).toEqual(['credentials-refused 1', 'credentials-refused 2']);
  });

  it('cannot be judged while its devices are not known yet', () => {
    const unknown = [wellDevice('r1', { session: null }), wellDevice('r2', { session: null })];
    expect(look(fleet(unknown)).unjudged).toContain('credentials-wrong rooms');
  });
});

describe('a site', () => {
  const names = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6'];
  const site = (off: number, differs: Partial<DeviceFacts> = {}) =>
    names.map((name, at) => wellDevice(name, at < off ? { session: OFF, ...differs } : {}));

  it('is out when half of its devices are off, and at least three', () => {
    expect(look(fleet(site(2))).found).toEqual(['device-offline 1', 'device-offline 2']);
    const { found, findings } = look(fleet(site(3)));
    expect(found).toContain('site-outage site=oslo');
    expect(findings.filter(({ partOf }) => partOf?.key === 'site=oslo')).toHaveLength(3);
  });

  it('keeps its devices as its parts while its alert is open', () => {
    const { findings } = look(fleet(site(1)), { open: ['site-outage site=oslo'] });
    expect(findings[0]).toMatchObject({ about: 'r1', partOf: { key: 'site=oslo' } });
  });

  it('is not out by devices that may be off at this hour', () => {
    expect(look(fleet(site(6, { expectedOff: true }))).found).toEqual([]);
  });

  it('is out apart from what is in maintenance, or by that alone', () => {
    const worked = names.map((name, at) =>
      wellDevice(name, { maintenance: at < 3 ? 'cabling' : null, ...(at < 4 ? { session: OFF } : {}) }),
    );
    const { findings } = look(fleet(worked));
    expect(findings.find(({ key }) => key === 'site=oslo')?.devices).toEqual(['r1', 'r2', 'r3']);
    expect(findings.find(({ about }) => about === 'r4')?.partOf).toBeUndefined();
  });

  it('cannot be judged while many of its devices are not known yet', () => {
    const unknown = names.map((name) => wellDevice(name, { session: null }));
    expect(look(fleet(unknown)).unjudged).toContain('site-outage site=oslo');
  });
});

describe('hours at which a device may be off', () => {
  const off = wellDevice('r1', { session: OFF, expectedOff: true });

  it('keep an alert from opening, and an open one as it is', () => {
    expect(look(fleet([off]))).toMatchObject({ found: [] });
    expect(look(fleet([off])).unjudged).not.toContain('device-offline 1');
    expect(look(fleet([off]), { open: ['device-offline 1'] }).unjudged).toContain('device-offline 1');
  });
});
