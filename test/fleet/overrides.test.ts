import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explain, formatExplanation } from '../../src/fleet/explain.ts';
import type { DesiredDevice } from '../../src/fleet/fleet.ts';
import { instantOf, readMoment } from '../../src/fleet/local-time.ts';
import { wallClock } from '../../src/lib/zone.ts';
import { fleetText, lines, loadText, NOW, PW } from './load-text.ts';

const HOUR = 3_600_000;

const TWO_OVERRIDES = fleetText({
  defaults: '  configuration: { Audio.DefaultVolume: 50, Standby.Delay: 10 }\n  timezone: Europe/Oslo',
  device: `    overrides:
      - until: 2026-12-01T08:00
        reason: town hall
        configuration: { Audio.DefaultVolume: 80 }
      - { until: 2026-11-24T08:00+02:00, reason: rehearsal, configuration: { Audio.DefaultVolume: 90 } }`,
});
const FIRST_ENDS = Date.UTC(2026, 10, 24, 6);
const SECOND_ENDS = Date.UTC(2026, 11, 1, 7);

const at = async (now: number) => (await loadText(TWO_OVERRIDES, { env: PW, now })).fleet;

const withSecret = (reference: string): string =>
  fleetText({
    device: `    configuration: { A.Password: "\${env:PW}" }\n    overrides: [{ until: 2026-12-01T08:00Z, reason: x, configuration: { A.Password: "${reference}" } }]`,
  });

describe('an override', () => {
  test('holds until its end and then returns by itself, the fingerprint standing', async () => {
    const fleets = await Promise.all([NOW, FIRST_ENDS - 1, FIRST_ENDS, SECOND_ENDS - 1, SECOND_ENDS].map(at));
    expect(fleets.map((fleet) => fleet?.devices[0]?.configuration.get('Audio.DefaultVolume')?.value)).toEqual(
      ['90', '90', '80', '80', '50'],
    );
    expect(fleets.map((fleet) => fleet?.nextChangeAt)).toEqual([
      FIRST_ENDS,
      FIRST_ENDS,
      SECOND_ENDS,
      SECOND_ENDS,
      null,
    ]);
    expect(new Set(fleets.map((fleet) => fleet?.fingerprint)).size).toBe(1);
  });

  test('says what it returns to, and is explained with its end', async () => {
    const { fleet, problems } = await loadText(TWO_OVERRIDES, { env: PW });
    expect(problems).toEqual([]);
    const device = fleet?.devices[0] as DesiredDevice;
    expect(device.configuration.get('Audio.DefaultVolume')?.temporary).toMatchObject({
      until: FIRST_ENDS,
      reason: 'rehearsal',
      returnsTo: { value: '80', temporary: { until: SECOND_ENDS, returnsTo: { value: '50' } } },
    });
    expect(device.configuration.get('Standby.Delay')).not.toHaveProperty('temporary');
    const rows = explain(device, 'Audio');
    expect(rows[0]?.override).toEqual({ until: FIRST_ENDS, reason: 'rehearsal' });
    expect(formatExplanation(rows).replaceAll('/etc/roomd/fleet.yaml:', '')).toBe(`Audio.DefaultVolume: 90
  set by override until 2026-11-24T06:00Z, 14:99 (rehearsal)
  not 80, by override until 2026-12-01T07:00Z, 13:47
  not 50, by defaults, 5:41`);
  });

  test('that is over is told, and changes nothing', async () => {
    const loaded = await loadText(TWO_OVERRIDES, { env: PW, now: FIRST_ENDS + HOUR });
    expect(lines(loaded)).toEqual([
      '14:18 devices[0].overrides[1].until: warning: this override of one ended at 2026-11-24T06:00Z and changes nothing any more; take it out, or give it a later end.',
    ]);
  });

  test('without anything to return to is refused', async () => {
    const loaded = await loadText(
      fleetText({
        device:
          '    overrides: [{ until: 2026-12-01T08:00Z, reason: x, configuration: { Audio.DefaultVolume: 90 } }]',
      }),
      { env: PW },
    );
    expect(lines(loaded)).toEqual([
      '9:94 devices[0].overrides[0].configuration["Audio.DefaultVolume"]: no layer says what Audio.DefaultVolume is when this override is over, so it could not return; set it under the device\'s configuration, too.',
    ]);
  });

  test('may hold secrets, which count in the fingerprint and never print', async () => {
    const env = { ...PW, OTHER: 'battery staple' };
    const [one, other] = await Promise.all(
      ['${env:OTHER}', '${env:PW}'].map((name) => loadText(withSecret(name), { env })),
    );
    expect(one?.problems).toEqual([]);
    expect(one?.fleet?.devices[0]?.configuration.get('A.Password')?.origin.shown).toBe('[secret]');
    expect(one?.fleet?.fingerprint).not.toBe(other?.fleet?.fingerprint);
  });

  test.each([
    [
      '{ until: 2026-12-01, reason: x, configuration: {} }',
      '9:26 devices[0].overrides[0].until: "2026-12-01" is no date with a time',
    ],
    ['{ until: 2026-02-30T08:00, reason: x, configuration: {} }', 'names a day or time that does not exist'],
    ['{ until: 2026-12-01T08:00+19:00, reason: x, configuration: {} }', '"+19:00" is no offset from UTC'],
    [
      '{ until: 2026-12-01T08:00, configuration: {} }',
      '"reason" is missing. Write for example reason: town hall meeting',
    ],
    ['{ until: 2026-12-01T08:00, reason: x }', '"configuration" is missing.'],
    ['{ reason: x, configuration: { A: { B: } } }', '"until" is missing.'],
  ])('%s gets a sentence', async (override, expected) => {
    const loaded = await loadText(fleetText({ device: `    overrides: [${override}]` }), { env: PW });
    expect(loaded.fleet).toBeNull();
    expect(lines(loaded).join('\n')).toContain(expected);
  });
});

describe('a time on the wall', () => {
  test.each([
    ['2026-12-01T08:00', 'Europe/Oslo', '2026-12-01T07:00Z'],
    ['2026-07-01 08:00', 'Europe/Oslo', '2026-07-01T06:00Z'],
    ['2026-07-01T08:00', 'Asia/Kolkata', '2026-07-01T02:30Z'],
    // Put forward: 02:30 is skipped. Put back: 02:30 comes twice.
    ['2026-03-29T02:30', 'Europe/Oslo', '2026-03-29T01:00Z'],
    ['2026-10-25T02:30', 'Europe/Oslo', '2026-10-25T00:30Z'],
    ['2026-04-05T01:45', 'Australia/Lord_Howe', '2026-04-04T14:45Z'],
  ])('%s in %s is %s', (text, zone, expected) => {
    const moment = readMoment(text);
    expect('kind' in moment ? instantOf(moment, zone) : moment).toBe(Date.parse(expected));
  });

  test('that exists is an instant at which the wall shows it', () => {
    const minute = fc.integer({ min: Date.UTC(2020, 0, 1) / 60_000, max: Date.UTC(2037, 0, 1) / 60_000 });
    const zone = fc.constantFrom(
      'Europe/Oslo',
      'America/New_York',
      'Asia/Kolkata',
      'Pacific/Auckland',
      'Australia/Lord_Howe',
      'UTC',
    );
    const holds = fc.check(
      fc.property(minute, zone, (minutes, timezone) => {
        const wallAt = wallClock(timezone);
        const wall = wallAt(minutes * 60_000);
        const at = instantOf({ kind: 'wall', wall }, timezone);
        return wallAt(at) === wall && at <= minutes * 60_000;
      }),
      { seed: 20261123, numRuns: 500 },
    );
    expect(holds.failed).toBe(false);
  });
});
