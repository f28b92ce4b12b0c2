import { describe, expect, it } from 'vitest';
import { approvedOf, settledAt } from '../../src/fleet/approved-settings.ts';
import { digestOfBytes } from '../../src/fleet/blob-store.ts';
import type { DesiredContent, DesiredSetting } from '../../src/fleet/fleet.ts';
import { Secret } from '../../src/lib/secret.ts';
import { sampleDevice } from '../macros/sample-fleet.ts';
import { settingsOf } from './world.ts';

const PLACE = { file: '/fleet.yaml', line: 1, column: 1 };

function content(xml: string): DesiredContent {
  const panels = [{ id: 'help', xml, place: PLACE }];
  return { panels, deviceMacros: [], branding: [], certificates: [], software: null, prune: 'own' };
}

function setting(value: string, more: Partial<DesiredSetting> = {}): DesiredSetting {
  const origin = { layer: 'device', place: PLACE, shown: value };
  return { path: 'Audio.DefaultVolume', value, origin, overridden: [], ...more };
}

describe('what an approval puts on record', () => {
  it('holds settings by path, secrets by fingerprint only, and content by what it is and its digest', () => {
    const device = sampleDevice('room-1', {
      configuration: settingsOf({ 'B.Path': '2', 'A.Password': new Secret('hush') }),
      content: content('<Extensions/>'),
    });
    const record = approvedOf(device, { key: 'key' });
    expect(Object.keys(record)).toEqual(['A.Password', 'B.Path', 'Panel[help]']);
    expect(JSON.stringify(record)).not.toContain('hush');
    expect(record['B.Path']).toEqual({ value: '2' });
    expect(record['Panel[help]']).toEqual({
      kind: 'ui-panel',
      key: 'help',
      digest: digestOfBytes(Buffer.from('<Extensions/>')),
    });
  });

  it('returns by itself to what an override stood over, at its very end', () => {
    const until = 10_000;
    const temporary = { until, reason: 'fair', returnsTo: setting('50') };
    const configuration = new Map([['Audio.DefaultVolume', setting('80', { temporary })]]);
    const during = approvedOf(sampleDevice('room-1', { configuration }), { key: 'key' });
    expect(settledAt(during, until - 1)['Audio.DefaultVolume']).toMatchObject({ value: '80' });
    const after = approvedOf(
      sampleDevice('room-1', { configuration: new Map([['Audio.DefaultVolume', setting('50')]]) }),
      { key: 'key' },
    );
    expect(settledAt(during, until)).toEqual(after);
  });
});
