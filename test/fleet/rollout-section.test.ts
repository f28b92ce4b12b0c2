import { describe, expect, test } from 'vitest';
import { fleetText, lines, loadText, PW } from './load-text.ts';

const load = (rollout: string, device = '    tags: { site: oslo, canary: true }') =>
  loadText(
    fleetText({
      device: `${device}\n  - { name: two, host: 10.0.0.2, tags: { site: bergen } }`,
      top: `rollout: ${rollout}`,
    }),
    { env: PW },
  );

describe('rollout', () => {
  test('is null where the file says nothing of it, and has its values where it says little', async () => {
    expect((await loadText(fleetText(), { env: PW })).fleet?.rollout).toBeNull();
    expect((await load('{}')).fleet?.rollout).toEqual({
      canary: null,
      rings: [],
      soakMs: 1_800_000,
      failureBudget: { kind: 'number', devices: 0 },
      confirmWithinMs: null,
      windows: [],
      freezes: [],
      upgradeNeedsMs: 1_800_000,
      allowCutOff: [],
    });
  });

  test('is read into what rollouts work with', async () => {
    const { fleet, problems } = await load(
      `
  canary: tag:canary
  rings: [site=bergen]
  soak: 1h
  failureBudget: 2.5%
  confirmWithin: 10m
  windows:
    - { days: [mon-wed, fri], from: 22:00, to: 05:00 }
    - { days: [sat-sun], from: 00:00, to: 24:00 }
    - { from: 12:00, to: 13:00 }
  freezes:
    - { from: 2026-12-20, to: 2027-01-03, reason: Christmas }
    - { from: 2026-12-01T08:00, to: 2026-12-01T18:00+01:00, reason: town hall }
  allowCutOff: [NetworkServices.HTTP, xConfiguration Network 1 VLAN]`,
    );
    expect(problems).toEqual([]);
    expect(fleet?.rollout).toMatchObject({
      canary: { kind: 'selector', text: 'tag:canary', selector: { type: 'tag', key: 'canary' } },
      rings: [{ text: 'site=bergen' }],
      soakMs: 3_600_000,
      failureBudget: { kind: 'share', share: 0.025 },
      confirmWithinMs: 600_000,
      windows: [
        { days: ['mon', 'tue', 'wed', 'fri'], fromMinute: 1320, toMinute: 300 },
        { days: ['sat', 'sun'], fromMinute: 0, toMinute: 1440 },
        { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], fromMinute: 720, toMinute: 780 },
      ],
      freezes: [
        {
          from: { kind: 'wall', wall: Date.UTC(2026, 11, 20) },
          to: { kind: 'wall', wall: Date.UTC(2027, 0, 4) },
          reason: 'Christmas',
        },
        {
          from: { kind: 'wall', wall: Date.UTC(2026, 11, 1, 8) },
          to: { kind: 'instant', at: Date.UTC(2026, 11, 1, 17) },
          reason: 'town hall',
        },
      ],
      allowCutOff: ['NetworkServices.HTTP', 'Network[1].VLAN'],
    });
    expect((await load('{ canary: 1 }')).fleet?.rollout?.canary).toEqual({ kind: 'number', devices: 1 });
    expect((await load('{ failureBudget: 3 }')).fleet?.rollout?.failureBudget).toEqual({
      kind: 'number',
      devices: 3,
    });
  });

  test.each([
    [
      '{ windows: [{ from: 22:00, to: 22:00 }] }',
      '11:41 rollout.windows[0].to: this window never opens: it ends when it begins.',
    ],
    ['{ windows: [{ from: 24:00, to: 05:00 }] }', '11:30 rollout.windows[0].from: this window never opens'],
    ['{ windows: [{ days: [], from: 22:00, to: 23:00 }] }', 'a window without days never opens'],
    ['{ windows: [] }', 'without any window nothing is ever written'],
    [
      '{ windows: [{ days: [mun], from: 22:00, to: 23:00 }] }',
      '11:31 rollout.windows[0].days[0]: "mun" is no day',
    ],
    ['{ windows: [{ from: 25:00, to: 23:00 }] }', '"25:00" is no time of the day'],
    ['{ windows: [{ from: 22:00 }] }', '"to" is missing. Write for example to: 05:00'],
    [
      '{ rings: [site=trondheim] }',
      '11:20 rollout.rings[0]: no device fits "site=trondheim", so nothing would be tried there',
    ],
    ['{ rings: [sit=oslo] }', 'rollout.rings[0]: no device has a tag "sit". Did you mean "site"?'],
    ['{ canary: lobby-1 }', 'rollout.canary: no device is named "lobby-1".'],
    ['{ canary: "a &" }', 'the selector "a &" cannot be read'],
    ['{ canary: 0 }', 'no device would go first; write at least 1'],
    ['{ failureBudget: some }', '"some" is no failure budget'],
    ['{ failureBudget: 120% }', '"120%" is no failure budget'],
    ['{ freezes: [{ from: 2026-12-24, to: 2026-12-20, reason: x }] }', 'this freeze ends before it begins.'],
    ['{ freezes: [{ from: Christmas, to: 2026-12-20, reason: x }] }', '"Christmas" is no date with a time'],
    ['{ allowCutOff: [xStatus.Call] }', 'xStatus is no configuration'],
    ['{ soak: soon }', 'write a number and a unit'],
    ['{ ring: [] }', 'Did you mean "rings"?'],
  ])('%s gets a sentence', async (rollout, expected) => {
    const loaded = await load(rollout);
    expect(loaded.fleet).toBeNull();
    expect(lines(loaded).join('\n')).toContain(expected);
  });

  test.each([
    ['{ canary: 2 }', 'the fleet has 2 devices, so all of them would go first'],
    [
      '{ canary: all, rings: [site=oslo] }',
      'every device of "site=oslo" comes earlier, so this ring has nothing to do',
    ],
    [
      '{ freezes: [{ from: 2025-12-20, to: 2026-01-03, reason: Christmas }] }',
      'this freeze (Christmas) is over everywhere; take it out.',
    ],
  ])('%s is worth a warning', async (rollout, expected) => {
    const loaded = await load(rollout);
    expect(loaded.fleet).not.toBeNull();
    expect(lines(loaded)).toEqual([expect.stringContaining(expected)]);
  });

  test('of a fleet without devices may have its rings', async () => {
    const loaded = await loadText('version: 1\ndevices: []\nrollout: { rings: [site=oslo] }\n');
    expect(lines(loaded)).toEqual(['2:1 devices: warning: there are no devices yet.']);
  });
});
